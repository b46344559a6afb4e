package dev.tidemark.storage.log;

/// Who writes: decides how much is checked.
public enum AppendOrigin {
    /// A producer: everything is checked.
    CLIENT,
    /// A coordinator or the broker itself: control batches are allowed, sequences are not checked.
    COORDINATOR,
    /// A leader's bytes: offsets are kept as they are, the leader has checked the rest.
    REPLICATION
}
