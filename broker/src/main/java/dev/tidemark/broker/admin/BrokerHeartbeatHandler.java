package dev.tidemark.broker.admin;

import dev.tidemark.broker.dispatch.Call;
import dev.tidemark.broker.dispatch.Handler;
import dev.tidemark.metadata.control.ControllerGateway;
import dev.tidemark.metadata.controller.ControllerInput.ControlledShutdown;
import dev.tidemark.protocol.ApiKey;
import dev.tidemark.protocol.ErrorCode;
import dev.tidemark.protocol.message.BrokerHeartbeatRequest;
import dev.tidemark.protocol.message.BrokerHeartbeatResponse;

/// BrokerHeartbeat 0-2, between brokers only. A broker's life is its session with ZooKeeper; so only
/// the wish to shut down has a meaning here: the controller moves the broker's leaderships, and
/// answers that it may stop.
public final class BrokerHeartbeatHandler implements Handler<BrokerHeartbeatRequest> {
    private final ControllerGateway controller;

    public BrokerHeartbeatHandler(ControllerGateway controller) {
        this.controller = controller;
    }

    @Override
    public ApiKey api() {
        return ApiKey.BROKER_HEARTBEAT;
    }

    @Override
    public Class<BrokerHeartbeatRequest> requestType() {
        return BrokerHeartbeatRequest.class;
    }

    @Override
    public boolean isForBrokers() {
        return true;
    }

    @Override
    public void handle(BrokerHeartbeatRequest request, Call call) {
        if (!request.wantShutDown()) {
            call.reply(answer(ErrorCode.NONE, false));
            return;
        }
        var _ = controller
                .controlledShutdown(new ControlledShutdown(request.brokerId(), request.brokerEpoch()))
                .handle((progress, failure) -> {
                    call.reply(
                            progress != null
                                    ? answer(progress.error(), progress.mayStop())
                                    : answer(Refusal.of(failure).error(), false));
                    return null;
                });
    }

    private static BrokerHeartbeatResponse answer(ErrorCode error, boolean shouldShutDown) {
        return BrokerHeartbeatResponse.builder()
                .errorCode(error.code())
                .isCaughtUp(error == ErrorCode.NONE)
                .isFenced(error != ErrorCode.NONE)
                .shouldShutDown(shouldShutDown)
                .build();
    }
}
