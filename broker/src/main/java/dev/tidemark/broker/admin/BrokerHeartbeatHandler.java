package dev.tidemark.broker.admin;

import dev.tidemark.broker.dispatch.Call;
import dev.tidemark.broker.dispatch.Handler;
import dev.tidemark.metadata.control.ControllerGateway;
import dev.tidemark.metadata.controller.ControllerInput.ControlledShutdown;
import dev.tidemark.metadata.image.BrokerRegistration;
import dev.tidemark.metadata.image.ClusterImage;
import dev.tidemark.protocol.ApiKey;
import dev.tidemark.protocol.ErrorCode;
import dev.tidemark.protocol.message.BrokerHeartbeatRequest;
import dev.tidemark.protocol.message.BrokerHeartbeatResponse;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// BrokerHeartbeat 0-2, between brokers only. A broker's life is its session with ZooKeeper; so it has two meanings
/// here.
///
/// With the wish to shut down, the controller moves the broker's leaderships, and answers that it may stop. Without,
/// any broker says whether it sees the sender's incarnation: STALE_BROKER_EPOCH where it does not, which only who
/// follows the metadata may say; NOT_CONTROLLER where it does not know.
public final class BrokerHeartbeatHandler implements Handler<BrokerHeartbeatRequest> {
    private final ControllerGateway controller;
    private final Supplier<ClusterImage> image;
    private final BooleanSupplier isCurrent;

    /// @param isCurrent whether the image follows the store
    public BrokerHeartbeatHandler(
            ControllerGateway controller, Supplier<ClusterImage> image, BooleanSupplier isCurrent) {
        this.controller = controller;
        this.image = image;
        this.isCurrent = isCurrent;
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
            call.reply(answer(standing(request), false));
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

    private ErrorCode standing(BrokerHeartbeatRequest request) {
        boolean follows = isCurrent.getAsBoolean(); // First: the image is no older than that.
        @Nullable BrokerRegistration known = image.get().brokers().get(request.brokerId());
        if (known != null && known.epoch() == request.brokerEpoch()) return ErrorCode.NONE;
        boolean isSucceeded = known != null && known.epoch() > request.brokerEpoch();
        return follows || isSucceeded ? ErrorCode.STALE_BROKER_EPOCH : ErrorCode.NOT_CONTROLLER;
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
