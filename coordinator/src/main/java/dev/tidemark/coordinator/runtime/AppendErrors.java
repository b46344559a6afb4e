package dev.tidemark.coordinator.runtime;

import dev.tidemark.protocol.ErrorCode;

/// What a refused append means for the caller, in the coordinator's words.
final class AppendErrors {
    private AppendErrors() {}

    static ErrorCode toCaller(ErrorCode error) {
        return switch (error) {
            case UNKNOWN_TOPIC_OR_PARTITION, NOT_ENOUGH_REPLICAS, NOT_ENOUGH_REPLICAS_AFTER_APPEND, REQUEST_TIMED_OUT ->
                ErrorCode.COORDINATOR_NOT_AVAILABLE;
            case NOT_LEADER_OR_FOLLOWER, KAFKA_STORAGE_ERROR, FENCED_LEADER_EPOCH -> ErrorCode.NOT_COORDINATOR;
            default -> error;
        };
    }
}
