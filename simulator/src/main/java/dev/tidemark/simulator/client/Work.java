package dev.tidemark.simulator.client;

import dev.tidemark.protocol.ErrorCode;
import dev.tidemark.protocol.message.TxnOffsetCommitRequest;
import dev.tidemark.protocol.message.TxnOffsetCommitRequest.TxnOffsetCommitRequestPartition;
import dev.tidemark.protocol.message.TxnOffsetCommitRequest.TxnOffsetCommitRequestTopic;
import dev.tidemark.protocol.message.TxnOffsetCommitResponse;
import dev.tidemark.simulator.check.PartitionKey;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.LongConsumer;

/// What a group works off in transactions: the first partition of a topic, of which only the offsets matter. How far
/// the group is is asked for, and committed as a part of the transaction that has the output.
public final class Work {
    private static final long TIMEOUT_MS = 5_000;

    private final ClientHost host;
    private final String group;
    private final TopicMap input;
    private final Coordinator coordinator;
    private final GroupOffsets offsets;

    public Work(ClientHost host, String group, String topic) {
        this.host = host;
        this.group = group;
        this.input = new TopicMap(host, List.of(topic));
        this.coordinator = new Coordinator(host, Coordinator.GROUP, group);
        this.offsets = new GroupOffsets(host, group, coordinator);
    }

    String group() {
        return group;
    }

    /// Asks how far the group is: the offset where it goes on.
    public void fetch(LongConsumer known, Runnable failed) {
        List<PartitionKey> partitions = input.partitions();
        if (partitions.isEmpty()) {
            failed.run();
            return;
        }
        offsets.fetch(partitions.getFirst(), committed -> known.accept(Math.max(0, committed)), failed);
    }

    /// Commits, as a part of the producer's transaction, that the group goes on at `offset`.
    void commit(TransactionalIdentity identity, long offset, Consumer<ErrorCode> answered, Runnable failed) {
        PartitionKey first = input.partitions().getFirst();
        TxnOffsetCommitRequest request = TxnOffsetCommitRequest.builder()
                .transactionalId(identity.transactionalId())
                .groupId(group)
                .producerId(identity.current().producerId())
                .producerEpoch(identity.current().epoch())
                .generationIdOrMemberEpoch(-1)
                .memberId("")
                .topics(List.of(TxnOffsetCommitRequestTopic.builder()
                        .name(first.topic())
                        .topicId(first.topicId())
                        .partitions(List.of(TxnOffsetCommitRequestPartition.builder()
                                .partitionIndex(first.partition())
                                .committedOffset(offset)
                                .committedMetadata("")
                                .build()))
                        .build()))
                .build();
        coordinator.call(
                request,
                TxnOffsetCommitResponse.class,
                TIMEOUT_MS,
                response -> {
                    ErrorCode error = ErrorCode.forCode(
                            response.topics().getFirst().partitions().getFirst().errorCode());
                    coordinator.learn(error);
                    answered.accept(error);
                },
                failed);
    }
}
