package dev.tidemark.simulator.client;

import dev.tidemark.base.TopicPartition;
import dev.tidemark.metadata.json.PartitionStateJson;
import dev.tidemark.protocol.ErrorCode;
import dev.tidemark.protocol.message.OffsetFetchRequest;
import dev.tidemark.protocol.message.OffsetFetchRequest.OffsetFetchRequestGroup;
import dev.tidemark.protocol.message.OffsetFetchRequest.OffsetFetchRequestTopics;
import dev.tidemark.protocol.message.OffsetFetchResponse;
import dev.tidemark.protocol.message.TxnOffsetCommitRequest;
import dev.tidemark.protocol.message.TxnOffsetCommitRequest.TxnOffsetCommitRequestPartition;
import dev.tidemark.protocol.message.TxnOffsetCommitRequest.TxnOffsetCommitRequestTopic;
import dev.tidemark.protocol.message.TxnOffsetCommitResponse;
import dev.tidemark.simulator.Scenario;
import dev.tidemark.simulator.check.PartitionKey;
import java.util.List;
import java.util.Optional;
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

    public Work(ClientHost host, String group, String topic) {
        this.host = host;
        this.group = group;
        this.input = new TopicMap(host, List.of(topic));
        this.coordinator = new Coordinator(host, Coordinator.GROUP, group);
    }

    /// Asks how far the group is: the offset where it goes on.
    public void fetch(LongConsumer known, Runnable failed) {
        List<PartitionKey> partitions = input.partitions();
        if (partitions.isEmpty()) {
            failed.run();
            return;
        }
        PartitionKey first = partitions.getFirst();
        OffsetFetchRequest request = OffsetFetchRequest.builder()
                .groups(List.of(OffsetFetchRequestGroup.builder()
                        .groupId(group)
                        .memberId(null)
                        .memberEpoch(-1)
                        .topics(List.of(OffsetFetchRequestTopics.builder()
                                .name(first.topic())
                                .topicId(first.topicId())
                                .partitionIndexes(List.of(first.partition()))
                                .build()))
                        .build()))
                .requireStable(true)
                .build();
        Optional<PartitionStateJson.State> asked = leaderOfGroup();
        coordinator.call(
                request,
                OffsetFetchResponse.class,
                TIMEOUT_MS,
                response -> onFetched(response, asked, known, failed),
                failed);
    }

    /// One that was deposed without knowing it tells what it knew: such an answer is none.
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
        if (told.errorCode() == 0) known.accept(Math.max(0, told.committedOffset()));
        else failed.run();
    }

    private Optional<PartitionStateJson.State> leaderOfGroup() {
        int shard = Math.floorMod(group.hashCode(), Scenario.OFFSETS_PARTITIONS);
        return host.cluster()
                .stored(new TopicPartition("__consumer_offsets", shard))
                .filter(state -> coordinator.is(state.leader()));
    }

    /// Commits, as a part of the producer's transaction, that the group goes on at `offset`.
    void commit(
            String transactionalId,
            long producerId,
            short epoch,
            long offset,
            Consumer<ErrorCode> answered,
            Runnable failed) {
        PartitionKey first = input.partitions().getFirst();
        TxnOffsetCommitRequest request = TxnOffsetCommitRequest.builder()
                .transactionalId(transactionalId)
                .groupId(group)
                .producerId(producerId)
                .producerEpoch(epoch)
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
                    ErrorCode error = ErrorCode.forCode(response.topics()
                            .getFirst()
                            .partitions()
                            .getFirst()
                            .errorCode());
                    coordinator.learn(error);
                    answered.accept(error);
                },
                failed);
    }
}
