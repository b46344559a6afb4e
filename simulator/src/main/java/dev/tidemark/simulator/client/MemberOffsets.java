package dev.tidemark.simulator.client;

import dev.tidemark.protocol.ErrorCode;
import dev.tidemark.protocol.message.OffsetCommitRequest;
import dev.tidemark.protocol.message.OffsetCommitRequest.OffsetCommitRequestPartition;
import dev.tidemark.protocol.message.OffsetCommitRequest.OffsetCommitRequestTopic;
import dev.tidemark.protocol.message.OffsetCommitResponse;
import dev.tidemark.simulator.check.GroupHistory;
import dev.tidemark.simulator.check.PartitionKey;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// A member's part of its group's work: it goes on where the group is, a few records at a time, and commits that.
final class MemberOffsets {
    private static final long TIMEOUT_MS = 5_000;

    private final ClientHost host;
    private final String group;
    private final Coordinator coordinator;
    private final GroupOffsets offsets;
    private final GroupHistory history;
    private final Set<PartitionKey> busy = new HashSet<>();

    MemberOffsets(ClientHost host, String group, Coordinator coordinator, GroupHistory history) {
        this.host = host;
        this.group = group;
        this.coordinator = coordinator;
        this.offsets = new GroupOffsets(host, group, coordinator);
        this.history = history;
    }

    /// Reads where the group is in `partition`, goes a little further, and commits that. Both may fail, as they like.
    void goOn(PartitionKey partition, String member, int generation) {
        if (!busy.add(partition)) return;
        long askedWhen = history.committed(partition);
        offsets.fetch(
                partition,
                committed -> {
                    history.onFetched(partition, committed, askedWhen);
                    long next = Math.max(0, committed) + 1 + host.random().nextInt(5);
                    commit(partition, next, member, generation);
                },
                () -> busy.remove(partition));
    }

    private void commit(PartitionKey partition, long offset, String member, int generation) {
        int newest = history.newestCommitGeneration();
        OffsetCommitRequest request = OffsetCommitRequest.builder()
                .groupId(group)
                .generationIdOrMemberEpoch(generation)
                .memberId(member)
                .topics(List.of(OffsetCommitRequestTopic.builder()
                        .name(partition.topic())
                        .topicId(partition.topicId())
                        .partitions(List.of(OffsetCommitRequestPartition.builder()
                                .partitionIndex(partition.partition())
                                .committedOffset(offset)
                                .committedMetadata("")
                                .build()))
                        .build()))
                .build();
        history.onCommitSent(partition, offset);
        coordinator.call(
                request,
                OffsetCommitResponse.class,
                TIMEOUT_MS,
                response -> {
                    busy.remove(partition);
                    var answer = response.topics().getFirst().partitions().getFirst();
                    ErrorCode error = ErrorCode.forCode(answer.errorCode());
                    coordinator.learn(error);
                    if (error == ErrorCode.NONE) history.onCommitted(partition, offset, generation, newest);
                    else if (!error.isRetriable()) history.onCommitRefused(partition, offset);
                },
                () -> busy.remove(partition));
    }
}
