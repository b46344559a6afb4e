package dev.tidemark.broker.produce;

import dev.tidemark.broker.dispatch.Call;
import dev.tidemark.broker.dispatch.Handler;
import dev.tidemark.protocol.ApiKey;
import dev.tidemark.protocol.ErrorCode;
import dev.tidemark.protocol.message.InitProducerIdRequest;
import dev.tidemark.protocol.message.InitProducerIdResponse;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// InitProducerId 0-5 for idempotent producers: a fresh id in epoch 0. A producer that comes back with its old id
/// (KIP-360) gets a new one, as without a transactional id nothing is kept. Transactional ids are refused: transactions
/// are not served.
public final class InitProducerIdHandler implements Handler<InitProducerIdRequest> {
    private static final Logger LOG = LoggerFactory.getLogger(InitProducerIdHandler.class);

    private final ProducerIds ids;

    public InitProducerIdHandler(ProducerIds ids) {
        this.ids = ids;
    }

    @Override
    public ApiKey api() {
        return ApiKey.INIT_PRODUCER_ID;
    }

    @Override
    public Class<InitProducerIdRequest> requestType() {
        return InitProducerIdRequest.class;
    }

    @Override
    public void handle(InitProducerIdRequest request, Call call) {
        if (request.transactionalId() != null) {
            call.reply(failed(ErrorCode.INVALID_REQUEST));
            return;
        }
        var _ = ids.next().whenComplete((id, failure) -> {
            if (failure == null) {
                call.reply(InitProducerIdResponse.builder()
                        .producerId(id)
                        .producerEpoch((short) 0)
                        .build());
            } else {
                LOG.warn("No producer id for a client: {}", failure.toString());
                call.reply(failed(ErrorCode.COORDINATOR_LOAD_IN_PROGRESS)); // The client comes again.
            }
        });
    }

    private static InitProducerIdResponse failed(ErrorCode error) {
        return InitProducerIdResponse.builder()
                .errorCode(error.code())
                .producerId(-1)
                .producerEpoch((short) -1)
                .build();
    }
}
