package dev.tidemark.coordinator.group.consumer;

import dev.tidemark.protocol.ErrorCode;
import dev.tidemark.protocol.message.ConsumerGroupHeartbeatResponse;

/// Why a heartbeat is not accepted.
record Refusal(ErrorCode error, String message) {
    ConsumerGroupHeartbeatResponse toResponse() {
        return ConsumerGroupHeartbeatResponse.builder()
                .errorCode(error)
                .errorMessage(message)
                .build();
    }
}
