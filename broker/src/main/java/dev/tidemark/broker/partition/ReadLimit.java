package dev.tidemark.broker.partition;

/// Up to where somebody reads a partition, and so what it waits for.
public enum ReadLimit {
    /// Consumers.
    HIGH_WATERMARK,
    /// Consumers of committed transactions only.
    LAST_STABLE_OFFSET,
    /// Followers.
    LOG_END_OFFSET
}
