package dev.tidemark.client.producer;

import dev.tidemark.client.BrokerErrorException;
import dev.tidemark.client.cluster.ClusterClient;
import dev.tidemark.client.network.Call;
import dev.tidemark.protocol.ErrorCode;
import dev.tidemark.protocol.message.InitProducerIdRequest;
import dev.tidemark.protocol.message.InitProducerIdResponse;
import dev.tidemark.protocol.record.BatchHeader;
import java.util.concurrent.CompletableFuture;

/// By what the broker knows an idempotent producer.
record ProducerIdentity(long id, short epoch) {
    static final ProducerIdentity NONE =
            new ProducerIdentity(BatchHeader.NO_PRODUCER_ID, BatchHeader.NO_PRODUCER_EPOCH);

    boolean isKnown() {
        return id != BatchHeader.NO_PRODUCER_ID;
    }

    /// The next epoch; [#NONE] where there is none and a new id has to be asked for.
    ProducerIdentity bumped() {
        return epoch == Short.MAX_VALUE ? NONE : new ProducerIdentity(id, (short) (epoch + 1));
    }

    static CompletableFuture<ProducerIdentity> ask(ClusterClient cluster) {
        InitProducerIdRequest request = InitProducerIdRequest.builder()
                .transactionalId(null)
                .transactionTimeoutMs(Integer.MAX_VALUE)
                .build();
        Call<InitProducerIdResponse> call =
                Call.of(request, InitProducerIdResponse.class, cluster.config().requestTimeoutMs());
        return cluster.sendToAny(call).thenApply(response -> {
            ErrorCode error = ErrorCode.forCode(response.errorCode());
            if (error != ErrorCode.NONE) throw BrokerErrorException.of(error);
            return new ProducerIdentity(response.producerId(), response.producerEpoch());
        });
    }
}
