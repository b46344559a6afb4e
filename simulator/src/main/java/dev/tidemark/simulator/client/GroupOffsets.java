package dev.tidemark.simulator.client;

import dev.tidemark.base.TopicPartition;
import dev.tidemark.metadata.json.PartitionStateJson;
import dev.tidemark.protocol.ErrorCode;
import dev.tidemark.protocol.message.OffsetFetchRequest;
import dev.tidemark.protocol.message.OffsetFetchRequest.OffsetFetchRequestGroup;
import dev.tidemark.protocol.message.OffsetFetchRequest.OffsetFetchRequestTopics;
import dev.tidemark.protocol.message.OffsetFetchResponse;
import dev.tidemark.simulator.Scenario;
import dev.tidemark.simulator.check.PartitionKey;
import java.util.List;
import java.util.Optional;
import java.util.function.LongConsumer;

/// How far a group is, as its coordinator tells. One that was deposed without knowing it tells what it knew; nobody
/// takes commits of it, so that such an answer is allowed, and counts as none here.
record GroupOffsets(ClientHost host, String group, Coordinator coordinator) {
    private static final long TIMEOUT_MS = 5_000;

    /// Asks for the committed offset of `partition`, -1 where there is none; `failed` runs where it is not told.
    void fetch(PartitionKey partition, LongConsumer known, Runnable failed) {
        Optional<PartitionStateJson.State> asked = leaderOfGroup();
        OffsetFetchRequest request = OffsetFetchRequest.builder()
                .groups(List.of(OffsetFetchRequestGroup.builder()
                        .groupId(group)
                        .memberId(null)
                        .memberEpoch(-1)
                        .topics(List.of(OffsetFetchRequestTopics.builder()
                                .name(partition.topic())
                                .topicId(partition.topicId())
                                .partitionIndexes(List.of(partition.partition()))
                                .build()))
                        .build()))
                .requireStable(true)
                .build();
        coordinator.call(
                request,
                OffsetFetchResponse.class,
                TIMEOUT_MS,
                response -> onFetched(response, asked, known, failed),
                failed);
    }

    private void onFetched(
            OffsetFetchResponse response,
            Optional<PartitionStateJson.State> asked,
            LongConsumer known,
            Runnable failed) {
        var answer = response.groups().getFirst();
        coordinator.learn(ErrorCode.forCode(answer.errorCode()));
        boolean isTold = answer.errorCode() == 0
                && !answer.topics().isEmpty()
                && asked.isPresent()
                && asked.equals(leaderOfGroup());
        if (!isTold) {
            failed.run();
            return;
        }
        var told = answer.topics().getFirst().partitions().getFirst();
        if (told.errorCode() == 0) known.accept(told.committedOffset());
        else failed.run();
    }

    /// The leadership of the group's partition of the offsets topic, where it is what this client believes, too.
    private Optional<PartitionStateJson.State> leaderOfGroup() {
        int shard = Math.floorMod(group.hashCode(), Scenario.OFFSETS_PARTITIONS);
        return host.cluster()
                .stored(new TopicPartition("__consumer_offsets", shard))
                .filter(state -> coordinator.is(state.leader()));
    }
}
