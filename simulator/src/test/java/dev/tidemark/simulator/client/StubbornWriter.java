package dev.tidemark.simulator.client;

import dev.tidemark.base.Bytes;
import dev.tidemark.protocol.ErrorCode;
import dev.tidemark.protocol.message.ProduceRequest;
import dev.tidemark.protocol.message.ProduceRequest.PartitionProduceData;
import dev.tidemark.protocol.message.ProduceRequest.TopicProduceData;
import dev.tidemark.protocol.message.ProduceResponse;
import dev.tidemark.protocol.record.Compression;
import dev.tidemark.protocol.record.MemoryRecords;
import dev.tidemark.protocol.record.RecordBatchBuilder;
import dev.tidemark.simulator.check.PartitionKey;
import java.util.List;
import java.util.Optional;

/// Writes with acks=1 to the broker that led a partition at first, whatever becomes of it.
public final class StubbornWriter {
    private static final long EVERY_MS = 50;

    private final ClientHost host;
    private final TopicMap topics;
    private int broker = -1;
    private long lastTakenMs = -1;
    private ErrorCode lastError = ErrorCode.NONE;
    private long acknowledged;

    public StubbornWriter(ClientHost host, String topic) {
        this.host = host;
        this.topics = new TopicMap(host, List.of(topic));
        tick();
    }

    /// The broker that is written to; empty until the first leader is known.
    public Optional<Integer> broker() {
        return broker < 0 ? Optional.empty() : Optional.of(broker);
    }

    public long acknowledged() {
        return acknowledged;
    }

    /// What the last answer was.
    public ErrorCode lastError() {
        return lastError;
    }

    public long sinceLastTakenMs() {
        return host.nowMs() - lastTakenMs;
    }

    private void tick() {
        List<PartitionKey> partitions = topics.partitions();
        if (!partitions.isEmpty()) write(partitions.getFirst());
        host.after(EVERY_MS, this::tick);
    }

    private void write(PartitionKey partition) {
        TopicMap.Leader leader = topics.leader(partition);
        if (broker < 0 && leader != null) broker = leader.broker();
        if (broker < 0) return;
        RecordBatchBuilder batch = new RecordBatchBuilder(Compression.NONE);
        batch.add(host.wallMs(), null, Bytes.utf8("stubborn"));
        ProduceRequest request = ProduceRequest.builder()
                .acks((short) 1)
                .timeoutMs(1_000)
                .topicData(List.of(TopicProduceData.builder()
                        .name(partition.topic())
                        .topicId(partition.topicId())
                        .partitionData(List.of(PartitionProduceData.builder()
                                .index(partition.partition())
                                .records(new MemoryRecords(batch.build()))
                                .build()))
                        .build()))
                .build();
        host.call(broker, request, ProduceResponse.class, 2_000, this::onResponse, _ -> {});
    }

    private void onResponse(ProduceResponse response) {
        lastError = ErrorCode.forCode(
                response.responses().getFirst().partitionResponses().getFirst().errorCode());
        if (lastError != ErrorCode.NONE) return;
        acknowledged++;
        lastTakenMs = host.nowMs();
    }
}
