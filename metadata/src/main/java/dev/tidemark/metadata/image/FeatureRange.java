package dev.tidemark.metadata.image;

/// The versions of a feature that a broker supports, or the levels that the cluster has finalized, both ends included.
public record FeatureRange(int minVersion, int maxVersion) {}
