package dev.tidemark.simulator.client;

import dev.tidemark.base.TopicPartition;
import dev.tidemark.metadata.json.PartitionStateJson;
import dev.tidemark.protocol.ErrorCode;
import dev.tidemark.protocol.message.FindCoordinatorRequest;
import dev.tidemark.protocol.message.FindCoordinatorResponse;
import dev.tidemark.protocol.message.OffsetCommitRequest;
import dev.tidemark.protocol.message.OffsetCommitRequest.OffsetCommitRequestPartition;
import dev.tidemark.protocol.message.OffsetCommitRequest.OffsetCommitRequestTopic;
import dev.tidemark.protocol.message.OffsetCommitResponse;
import dev.tidemark.protocol.message.OffsetFetchRequest;
import dev.tidemark.protocol.message.OffsetFetchRequest.OffsetFetchRequestGroup;
import dev.tidemark.protocol.message.OffsetFetchRequest.OffsetFetchRequestTopics;
import dev.tidemark.protocol.message.OffsetFetchResponse;
import dev.tidemark.protocol.message.Request;
import dev.tidemark.protocol.message.Response;
import dev.tidemark.simulator.Scenario;
import dev.tidemark.simulator.check.GroupHistory;
import dev.tidemark.simulator.check.PartitionKey;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/// A member's calls to its group's coordinator, whom it finds first and looks for again when it has moved; and its
/// offsets: each member goes on where the group is, a few records at a time, and commits that.
final class CoordinatorCalls {
    private static final long TIMEOUT_MS = 5_000;
    private static final int UNKNOWN = -1;

    private final ClientHost host;
    private final String group;
    private final GroupHistory history;
    private final Set<PartitionKey> busy = new HashSet<>();
    private int coordinator = UNKNOWN;

    CoordinatorCalls(ClientHost host, String group, GroupHistory history) {
        this.host = host;
        this.group = group;
        this.history = history;
    }

    /// Asks the coordinator; `failed` runs where there was no answer of it.
    <R extends Response> void call(
            Request request, Class<R> type, long timeoutMs, Consumer<R> answered, Runnable failed) {
        if (coordinator == UNKNOWN) {
            find(() -> call(request, type, timeoutMs, answered, failed), failed);
            return;
        }
        host.call(coordinator, request, type, timeoutMs, answered, _ -> {
            coordinator = UNKNOWN;
            failed.run();
        });
    }

    private void find(Runnable found, Runnable failed) {
        FindCoordinatorRequest request = FindCoordinatorRequest.builder()
                .keyType((byte) 0)
                .coordinatorKeys(List.of(group))
                .build();
        host.call(
                host.anyBroker(),
                request,
                FindCoordinatorResponse.class,
                TIMEOUT_MS,
                response -> {
                    var answer = response.coordinators().getFirst();
                    if (answer.errorCode() != 0) {
                        failed.run();
                        return;
                    }
                    coordinator = answer.nodeId();
                    found.run();
                },
                _ -> failed.run());
    }

    /// Looks for the coordinator anew where the error says that it is another.
    void learn(ErrorCode error) {
        if (error == ErrorCode.NOT_COORDINATOR || error == ErrorCode.COORDINATOR_NOT_AVAILABLE) coordinator = UNKNOWN;
    }

    /// Reads where the group is in `partition`, goes a little further, and commits that. Both may fail, as they like.
    void goOn(PartitionKey partition, String member, int generation) {
        if (!busy.add(partition)) return;
        Runnable done = () -> busy.remove(partition);
        long askedWhen = history.committed(partition);
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
        call(
                request,
                OffsetFetchResponse.class,
                TIMEOUT_MS,
                response -> {
                    var answer = response.groups().getFirst();
                    learn(ErrorCode.forCode(answer.errorCode()));
                    boolean isRefused =
                            answer.errorCode() != 0 || answer.topics().isEmpty();
                    var told = isRefused
                            ? null
                            : answer.topics().getFirst().partitions().getFirst();
                    if (told == null || told.errorCode() != 0) {
                        done.run();
                        return;
                    }
                    // One that was deposed without knowing it tells what it knew; nobody takes its commits.
                    if (asked.isEmpty() || !asked.equals(leaderOfGroup())) {
                        done.run();
                        return;
                    }
                    history.onFetched(partition, told.committedOffset(), askedWhen);
                    commit(
                            partition,
                            Math.max(0, told.committedOffset())
                                    + 1
                                    + host.random().nextInt(5),
                            member,
                            generation);
                },
                done);
    }

    /// The leadership of the group's partition of the offsets topic, where it is what this member believes, too.
    private Optional<PartitionStateJson.State> leaderOfGroup() {
        int shard = Math.floorMod(group.hashCode(), Scenario.OFFSETS_PARTITIONS);
        return host.cluster()
                .stored(new TopicPartition("__consumer_offsets", shard))
                .filter(state -> state.leader() == coordinator);
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
        call(
                request,
                OffsetCommitResponse.class,
                TIMEOUT_MS,
                response -> {
                    busy.remove(partition);
                    var answer = response.topics().getFirst().partitions().getFirst();
                    ErrorCode error = ErrorCode.forCode(answer.errorCode());
                    learn(error);
                    if (error == ErrorCode.NONE) history.onCommitted(partition, offset, generation, newest);
                    else if (!error.isRetriable()) history.onCommitRefused(partition, offset);
                },
                () -> busy.remove(partition));
    }
}
