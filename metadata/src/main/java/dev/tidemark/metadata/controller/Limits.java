package dev.tidemark.metadata.controller;

import dev.tidemark.metadata.controller.ControllerReply.Outcome;
import dev.tidemark.protocol.ErrorCode;

/// Bounds that keep a wish from becoming more than ZooKeeper or a broker can hold.
final class Limits {
    /// A topic's znode holds its whole assignment; ZooKeeper takes requests below 1 MiB.
    private static final long ASSIGNMENT_BYTES_MAX = 900_000;

    private Limits() {}

    static Outcome check(ControllerSettings settings, long partitions, int replicationFactor, int soFarInRequest) {
        long assignmentBytes = partitions * (10L + 6L * replicationFactor);
        if (partitions > settings.partitionsPerTopicMax() || assignmentBytes > ASSIGNMENT_BYTES_MAX) {
            return Outcome.refused(
                    ErrorCode.INVALID_PARTITIONS,
                    partitions + " partitions with " + replicationFactor + " replicas are more than a topic can have"
                            + " (at most " + settings.partitionsPerTopicMax() + ", fewer with many replicas).");
        }
        if (soFarInRequest + partitions > settings.partitionsPerRequestMax()) {
            return Outcome.refused(
                    ErrorCode.POLICY_VIOLATION,
                    "One request can create at most " + settings.partitionsPerRequestMax() + " partitions in all.");
        }
        return Outcome.OK;
    }
}
