package dev.tidemark.dist.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.base.Bytes;
import dev.tidemark.client.ClientConfig;
import dev.tidemark.client.cluster.ClusterClient;
import dev.tidemark.client.network.Call;
import dev.tidemark.client.network.SocketTransport;
import dev.tidemark.protocol.message.EndTxnRequest;
import dev.tidemark.protocol.message.EndTxnResponse;
import dev.tidemark.protocol.message.InitProducerIdRequest;
import dev.tidemark.protocol.message.InitProducerIdResponse;
import dev.tidemark.protocol.message.ProduceRequest;
import dev.tidemark.protocol.message.ProduceRequest.PartitionProduceData;
import dev.tidemark.protocol.message.ProduceRequest.TopicProduceData;
import dev.tidemark.protocol.message.ProduceResponse;
import dev.tidemark.protocol.message.Response;
import dev.tidemark.protocol.message.TxnOffsetCommitRequest;
import dev.tidemark.protocol.message.TxnOffsetCommitRequest.TxnOffsetCommitRequestPartition;
import dev.tidemark.protocol.message.TxnOffsetCommitRequest.TxnOffsetCommitRequestTopic;
import dev.tidemark.protocol.message.TxnOffsetCommitResponse;
import dev.tidemark.protocol.record.Compression;
import dev.tidemark.protocol.record.MemoryRecords;
import dev.tidemark.protocol.record.RecordBatchBuilder;
import java.util.List;

/// A producer that has written one record in a transaction.
final class OpenTransaction {
    private static final int TIMEOUT_MS = 30_000;
    private static final int LAST_PRODUCE_BY_NAME = 12;
    private static final int LAST_OFFSETS_BY_NAME = 5;

    private final String address;
    private final String transactionalId;
    private final long producerId;
    private final short epoch;

    private OpenTransaction(String address, String transactionalId, InitProducerIdResponse identity) {
        this.address = address;
        this.transactionalId = transactionalId;
        this.producerId = identity.producerId();
        this.epoch = identity.producerEpoch();
    }

    /// @param transactionalId whose coordinator serves already
    static OpenTransaction begin(String address, String transactionalId, String topic) {
        var init = InitProducerIdRequest.builder()
                .transactionalId(transactionalId)
                .transactionTimeoutMs(60_000)
                .build();
        var identity = call(address, Call.of(init, InitProducerIdResponse.class, TIMEOUT_MS));
        assertThat(identity.errorCode()).isZero();
        OpenTransaction transaction = new OpenTransaction(address, transactionalId, identity);
        transaction.write(topic);
        return transaction;
    }

    private static <R extends Response> R call(String address, Call<R> call) {
        ClientConfig config = ClientConfig.of(address);
        try (ClusterClient cluster = new ClusterClient(config, new SocketTransport(config))) {
            return cluster.sendToAny(call).join();
        }
    }

    long producerId() {
        return producerId;
    }

    private void write(String topic) {
        MemoryRecords records = new MemoryRecords(new RecordBatchBuilder(Compression.NONE)
                .producer(producerId, epoch, 0)
                .transactional()
                .add(System.currentTimeMillis(), null, Bytes.utf8("open"))
                .build());
        ProduceRequest request = ProduceRequest.builder()
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
        ProduceResponse written = call(
                address,
                Call.from(LAST_PRODUCE_BY_NAME, request, ProduceResponse.class, TIMEOUT_MS)
                        .upTo(LAST_PRODUCE_BY_NAME));
        assertThat(written.responses()
                        .getFirst()
                        .partitionResponses()
                        .getFirst()
                        .errorCode())
                .isZero();
    }

    /// As a part of it, for the first partition.
    void commitOffset(String group, String topic, long offset) {
        TxnOffsetCommitRequest request = TxnOffsetCommitRequest.builder()
                .transactionalId(transactionalId)
                .groupId(group)
                .producerId(producerId)
                .producerEpoch(epoch)
                .generationIdOrMemberEpoch(-1)
                .topics(List.of(TxnOffsetCommitRequestTopic.builder()
                        .name(topic)
                        .partitions(List.of(TxnOffsetCommitRequestPartition.builder()
                                .committedOffset(offset)
                                .build()))
                        .build()))
                .build();
        TxnOffsetCommitResponse taken = call(
                address,
                Call.from(LAST_OFFSETS_BY_NAME, request, TxnOffsetCommitResponse.class, TIMEOUT_MS)
                        .upTo(LAST_OFFSETS_BY_NAME));
        assertThat(taken.topics().getFirst().partitions().getFirst().errorCode())
                .isZero();
    }

    void commit() {
        EndTxnRequest request = EndTxnRequest.builder()
                .transactionalId(transactionalId)
                .producerId(producerId)
                .producerEpoch(epoch)
                .committed(true)
                .build();
        assertThat(call(address, Call.of(request, EndTxnResponse.class, TIMEOUT_MS))
                        .errorCode())
                .isZero();
    }
}
