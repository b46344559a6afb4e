package dev.tidemark.client.consumer;

/// Where to begin when nothing is committed, or when what is committed is gone.
public enum OffsetReset {
    EARLIEST,
    LATEST,
    /// Tell the caller.
    NONE
}
