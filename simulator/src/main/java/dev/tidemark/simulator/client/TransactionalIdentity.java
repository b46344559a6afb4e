package dev.tidemark.simulator.client;

import dev.tidemark.base.Bytes;
import dev.tidemark.protocol.message.AddOffsetsToTxnRequest;
import dev.tidemark.protocol.message.AddPartitionsToTxnRequest;
import dev.tidemark.protocol.message.AddPartitionsToTxnRequest.AddPartitionsToTxnTopic;
import dev.tidemark.protocol.message.EndTxnRequest;
import dev.tidemark.protocol.message.ProduceRequest;
import dev.tidemark.protocol.message.ProduceRequest.PartitionProduceData;
import dev.tidemark.protocol.message.ProduceRequest.TopicProduceData;
import dev.tidemark.protocol.record.Compression;
import dev.tidemark.protocol.record.MemoryRecords;
import dev.tidemark.protocol.record.RecordBatchBuilder;
import dev.tidemark.simulator.check.PartitionKey;
import dev.tidemark.simulator.check.TransactionHistory;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/// In whose name a transactional producer speaks at the moment, and what it says in it.
final class TransactionalIdentity {
    /// One record, each in a batch of its own.
    record Write(PartitionKey partition, String key, String value, int sequence) {}

    private final String transactionalId;
    private final int timeoutMs;
    private final SortedMap<PartitionKey, Integer> sequences = new TreeMap<>();
    private long producerId = -1;
    private short epoch = -1;

    /// @param timeoutMs of requests
    TransactionalIdentity(String transactionalId, int timeoutMs) {
        this.transactionalId = transactionalId;
        this.timeoutMs = timeoutMs;
    }

    /// Each one counts its records from 0.
    void become(long newProducerId, short newEpoch) {
        producerId = newProducerId;
        epoch = newEpoch;
        sequences.clear();
    }

    TransactionHistory.Identity current() {
        return new TransactionHistory.Identity(producerId, epoch);
    }

    String transactionalId() {
        return transactionalId;
    }

    Write write(PartitionKey partition, String key, String value) {
        int sequence = sequences.merge(partition, 1, Integer::sum) - 1;
        return new Write(partition, key, value, sequence);
    }

    ProduceRequest produce(Write write, long wallMs) {
        MemoryRecords records = new MemoryRecords(new RecordBatchBuilder(Compression.NONE)
                .producer(producerId, epoch, write.sequence)
                .transactional()
                .add(wallMs, Bytes.utf8(write.key), Bytes.utf8(write.value))
                .build());
        return ProduceRequest.builder()
                .transactionalId(transactionalId)
                .acks((short) -1)
                .timeoutMs(timeoutMs)
                .topicData(List.of(TopicProduceData.builder()
                        .name(write.partition.topic())
                        .topicId(write.partition.topicId())
                        .partitionData(List.of(PartitionProduceData.builder()
                                .index(write.partition.partition())
                                .records(records)
                                .build()))
                        .build()))
                .build();
    }

    /// Version 1: the partition is to take part.
    AddPartitionsToTxnRequest join(PartitionKey partition) {
        return AddPartitionsToTxnRequest.builder()
                .v3AndBelowTransactionalId(transactionalId)
                .v3AndBelowProducerId(producerId)
                .v3AndBelowProducerEpoch(epoch)
                .v3AndBelowTopics(
                        List.of(new AddPartitionsToTxnTopic(partition.topic(), List.of(partition.partition()))))
                .build();
    }

    /// Version 1: the offsets of a group are to take part.
    AddOffsetsToTxnRequest joinOffsets(String group) {
        return AddOffsetsToTxnRequest.builder()
                .transactionalId(transactionalId)
                .producerId(producerId)
                .producerEpoch(epoch)
                .groupId(group)
                .build();
    }

    EndTxnRequest end(boolean commit) {
        return EndTxnRequest.builder()
                .transactionalId(transactionalId)
                .producerId(producerId)
                .producerEpoch(epoch)
                .committed(commit)
                .build();
    }
}
