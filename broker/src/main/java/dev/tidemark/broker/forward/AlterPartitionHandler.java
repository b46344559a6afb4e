package dev.tidemark.broker.forward;

import dev.tidemark.broker.dispatch.Call;
import dev.tidemark.broker.dispatch.Handler;
import dev.tidemark.metadata.control.ControllerGateway;
import dev.tidemark.metadata.control.RefusedException;
import dev.tidemark.protocol.ApiKey;
import dev.tidemark.protocol.ErrorCode;
import dev.tidemark.protocol.message.AlterPartitionRequest;
import dev.tidemark.protocol.message.AlterPartitionResponse;
import java.util.concurrent.CompletionException;

/// AlterPartition 2-3: a leader's wishes for other ISRs, at the controller. Leaders in recovery (KIP-704) are not told
/// apart here. Only brokers may ask.
public final class AlterPartitionHandler implements Handler<AlterPartitionRequest> {
    private final ControllerGateway controller;
    private final PeerCalls calls;

    public AlterPartitionHandler(ControllerGateway controller, PeerCalls calls) {
        this.controller = controller;
        this.calls = calls;
    }

    @Override
    public ApiKey api() {
        return ApiKey.ALTER_PARTITION;
    }

    @Override
    public Class<AlterPartitionRequest> requestType() {
        return AlterPartitionRequest.class;
    }

    @Override
    public boolean isForBrokers() {
        return true;
    }

    @Override
    public void handle(AlterPartitionRequest request, Call call) {
        if (!calls.isOwn(call)) {
            call.reply(refused(ErrorCode.CLUSTER_AUTHORIZATION_FAILED));
            return;
        }
        var _ = controller.alterPartition(IsrMessages.input(request)).handle((altered, failure) -> {
            call.reply(altered != null ? IsrMessages.response(altered) : refused(errorOf(failure)));
            return null;
        });
    }

    private static ErrorCode errorOf(Throwable failure) {
        Throwable cause =
                failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
        return cause instanceof RefusedException refused ? refused.error() : ErrorCode.UNKNOWN_SERVER_ERROR;
    }

    private static AlterPartitionResponse refused(ErrorCode error) {
        return AlterPartitionResponse.builder().errorCode(error).build();
    }
}
