package dev.tidemark.dist.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.base.Bytes;
import dev.tidemark.client.ClientConfig;
import dev.tidemark.client.cluster.ClusterClient;
import dev.tidemark.client.network.Call;
import dev.tidemark.client.network.SocketTransport;
import dev.tidemark.protocol.message.InitProducerIdRequest;
import dev.tidemark.protocol.message.InitProducerIdResponse;
import dev.tidemark.protocol.message.ProduceRequest;
import dev.tidemark.protocol.message.ProduceRequest.PartitionProduceData;
import dev.tidemark.protocol.message.ProduceRequest.TopicProduceData;
import dev.tidemark.protocol.message.ProduceResponse;
import dev.tidemark.protocol.record.Compression;
import dev.tidemark.protocol.record.MemoryRecords;
import dev.tidemark.protocol.record.RecordBatchBuilder;
import java.util.List;

/// A producer that writes one record in a transaction and is never heard of again.
final class OpenTransaction {
    private static final int TIMEOUT_MS = 30_000;
    private static final int LAST_VERSION_BY_NAME = 12;

    private OpenTransaction() {}

    /// @param transactionalId whose coordinator serves already
    /// @return the producer id
    static long begin(String address, String transactionalId, String topic) {
        ClientConfig config = ClientConfig.of(address);
        try (ClusterClient cluster = new ClusterClient(config, new SocketTransport(config))) {
            var init = InitProducerIdRequest.builder()
                    .transactionalId(transactionalId)
                    .transactionTimeoutMs(60_000)
                    .build();
            InitProducerIdResponse identity = cluster.sendToAny(Call.of(init, InitProducerIdResponse.class, TIMEOUT_MS))
                    .join();
            assertThat(identity.errorCode()).isZero();
            Call<ProduceResponse> call = Call.from(
                            LAST_VERSION_BY_NAME,
                            write(transactionalId, topic, identity),
                            ProduceResponse.class,
                            TIMEOUT_MS)
                    .upTo(LAST_VERSION_BY_NAME);
            ProduceResponse written = cluster.sendToAny(call).join();
            assertThat(written.responses()
                            .getFirst()
                            .partitionResponses()
                            .getFirst()
                            .errorCode())
                    .isZero();
            return identity.producerId();
        }
    }

    private static ProduceRequest write(String transactionalId, String topic, InitProducerIdResponse identity) {
        MemoryRecords records = new MemoryRecords(new RecordBatchBuilder(Compression.NONE)
                .producer(identity.producerId(), identity.producerEpoch(), 0)
                .transactional()
                .add(System.currentTimeMillis(), null, Bytes.utf8("open"))
                .build());
        return ProduceRequest.builder()
                .transactionalId(transactionalId)
                .acks((short) -1)
                .timeoutMs(TIMEOUT_MS)
                .topicData(List.of(TopicProduceData.builder()
                        .name(topic)
                        .partitionData(List.of(PartitionProduceData.builder()
                                .index(0)
                                .records(records)
                                .build()))
                        .build()))
                .build();
    }
}
