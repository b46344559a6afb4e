package dev.tidemark.broker.admin;

import dev.tidemark.broker.dispatch.Call;
import dev.tidemark.broker.dispatch.Handler;
import dev.tidemark.metadata.control.ControllerGateway;
import dev.tidemark.metadata.controller.ControllerInput.UnregisterBroker;
import dev.tidemark.protocol.ApiKey;
import dev.tidemark.protocol.message.UnregisterBrokerRequest;
import dev.tidemark.protocol.message.UnregisterBrokerResponse;

/// UnregisterBroker 0. A registration lives in ZooKeeper as long as its broker's process; so there is
/// never one to remove, and the answer says why: the broker is alive, or is not registered.
public final class UnregisterBrokerHandler implements Handler<UnregisterBrokerRequest> {
    private final ControllerGateway controller;

    public UnregisterBrokerHandler(ControllerGateway controller) {
        this.controller = controller;
    }

    @Override
    public ApiKey api() {
        return ApiKey.UNREGISTER_BROKER;
    }

    @Override
    public Class<UnregisterBrokerRequest> requestType() {
        return UnregisterBrokerRequest.class;
    }

    @Override
    public void handle(UnregisterBrokerRequest request, Call call) {
        var _ = controller
                .unregisterBroker(new UnregisterBroker(request.brokerId()))
                .handle((done, failure) -> {
                    var answer = UnregisterBrokerResponse.builder();
                    if (done != null) {
                        answer.errorCode(done.outcome().error().code())
                                .errorMessage(done.outcome().message());
                    } else {
                        Refusal why = Refusal.of(failure);
                        answer.errorCode(why.error().code()).errorMessage(why.message());
                    }
                    call.reply(answer.build());
                    return null;
                });
    }
}
