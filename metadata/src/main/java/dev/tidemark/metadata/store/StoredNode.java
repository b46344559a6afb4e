package dev.tidemark.metadata.store;

import dev.tidemark.base.Bytes;

/// A node as it was read.
public record StoredNode(Bytes data, NodeStat stat) {
    public int version() {
        return stat.version();
    }
}
