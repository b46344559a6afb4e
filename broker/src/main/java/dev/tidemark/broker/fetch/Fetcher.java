package dev.tidemark.broker.fetch;

import dev.tidemark.broker.partition.ReadLimit;

/// Who fetches, and what follows for all partitions of the request.
///
/// @param replicaId the follower's broker, -1 for a consumer
/// @param replicaEpoch the follower's incarnation
/// @param rack of a consumer, empty where it names none
/// @param mayReadFollowers a consumer that knows of replicas to read from (KIP-392)
record Fetcher(int replicaId, long replicaEpoch, String rack, boolean mayReadFollowers, boolean readCommitted) {
    boolean isReplica() {
        return replicaId >= 0;
    }

    /// Up to where it reads a partition.
    ReadLimit limit() {
        if (isReplica()) return ReadLimit.LOG_END_OFFSET;
        return readCommitted ? ReadLimit.LAST_STABLE_OFFSET : ReadLimit.HIGH_WATERMARK;
    }
}
