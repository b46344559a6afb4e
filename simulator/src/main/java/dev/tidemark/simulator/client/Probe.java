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
import java.util.ArrayList;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;

/// When everything is whole again: writes one record to each of the partitions that it is told, with acks=all, and
/// tries until all have taken one. Each attempt is another record, of which it is known only once it is acknowledged
/// that it is there.
public final class Probe {
    /// What is told of the records.
    public interface Witness {
        void onSend(PartitionKey partition, String value);

        void onAcked(PartitionKey partition, String value, long offset);
    }

    private static final long TIMEOUT_MS = 10_000;
    private static final long BACKOFF_MS = 200;

    private final ClientHost host;
    private final TopicMap topics;
    private final Witness witness;
    private final SortedSet<PartitionKey> missing;
    private int attempts;

    public Probe(ClientHost host, List<PartitionKey> partitions, Witness witness) {
        this.host = host;
        this.topics = new TopicMap(
                host, partitions.stream().map(PartitionKey::topic).distinct().toList());
        this.witness = witness;
        this.missing = new TreeSet<>(partitions);
        for (PartitionKey partition : List.copyOf(missing)) write(partition);
    }

    /// The partitions that have not taken a record yet.
    public List<PartitionKey> missing() {
        return new ArrayList<>(missing);
    }

    private void write(PartitionKey partition) {
        TopicMap.Leader leader = topics.leader(partition);
        if (leader == null) {
            again(partition);
            return;
        }
        String value = host.name() + "/" + partition + "/" + ++attempts;
        witness.onSend(partition, value);
        host.call(
                leader.broker(),
                request(partition, value),
                ProduceResponse.class,
                TIMEOUT_MS,
                response -> onAnswer(partition, value, response),
                _ -> again(partition));
    }

    private void again(PartitionKey partition) {
        topics.refresh();
        host.after(BACKOFF_MS, () -> write(partition));
    }

    private ProduceRequest request(PartitionKey partition, String value) {
        MemoryRecords records = new MemoryRecords(new RecordBatchBuilder(Compression.NONE)
                .add(host.wallMs(), Bytes.utf8(value), Bytes.utf8(value))
                .build());
        return ProduceRequest.builder()
                .acks((short) -1)
                .timeoutMs((int) TIMEOUT_MS / 2)
                .topicData(List.of(TopicProduceData.builder()
                        .name(partition.topic())
                        .topicId(partition.topicId())
                        .partitionData(List.of(PartitionProduceData.builder()
                                .index(partition.partition())
                                .records(records)
                                .build()))
                        .build()))
                .build();
    }

    private void onAnswer(PartitionKey partition, String value, ProduceResponse response) {
        var answer = response.responses().getFirst().partitionResponses().getFirst();
        if (answer.errorCode() == ErrorCode.NONE.code()) {
            witness.onAcked(partition, value, answer.baseOffset());
            missing.remove(partition);
            return;
        }
        var leader = answer.currentLeader();
        if (leader.leaderId() >= 0) topics.learn(partition, leader.leaderId(), leader.leaderEpoch());
        again(partition);
    }
}
