package dev.tidemark.base.config;

/// Whether a broker's config can be changed while it runs, and for whom.
public enum DynamicScope {
    /// Only with a restart.
    READ_ONLY,
    /// For one broker (KIP-226).
    PER_BROKER,
    /// For one broker or as the default of all.
    CLUSTER_WIDE
}
