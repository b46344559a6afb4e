package dev.tidemark.storage.log;

/// `message.timestamp.type`: whose clock stamps the records.
public enum TimestampType {
    CREATE_TIME,
    LOG_APPEND_TIME
}
