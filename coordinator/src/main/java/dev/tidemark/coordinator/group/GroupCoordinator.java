package dev.tidemark.coordinator.group;

import dev.tidemark.base.Uuid;
import dev.tidemark.base.time.Loop;
import dev.tidemark.coordinator.group.classic.ClassicReplies;
import dev.tidemark.coordinator.group.offsets.ExpectedCommits.Expected;
import dev.tidemark.coordinator.group.offsets.OffsetCommit;
import dev.tidemark.coordinator.group.offsets.OffsetFetch;
import dev.tidemark.coordinator.runtime.CoordinatorLog;
import dev.tidemark.coordinator.runtime.EndMarker;
import dev.tidemark.protocol.ErrorCode;
import dev.tidemark.protocol.message.ConsumerGroupDescribeRequest;
import dev.tidemark.protocol.message.ConsumerGroupDescribeResponse;
import dev.tidemark.protocol.message.ConsumerGroupHeartbeatRequest;
import dev.tidemark.protocol.message.ConsumerGroupHeartbeatResponse;
import dev.tidemark.protocol.message.DeleteGroupsRequest;
import dev.tidemark.protocol.message.DeleteGroupsResponse;
import dev.tidemark.protocol.message.DescribeGroupsRequest;
import dev.tidemark.protocol.message.DescribeGroupsResponse;
import dev.tidemark.protocol.message.HeartbeatRequest;
import dev.tidemark.protocol.message.HeartbeatResponse;
import dev.tidemark.protocol.message.JoinGroupRequest;
import dev.tidemark.protocol.message.JoinGroupResponse;
import dev.tidemark.protocol.message.LeaveGroupRequest;
import dev.tidemark.protocol.message.LeaveGroupResponse;
import dev.tidemark.protocol.message.ListGroupsRequest;
import dev.tidemark.protocol.message.ListGroupsResponse;
import dev.tidemark.protocol.message.OffsetCommitRequest;
import dev.tidemark.protocol.message.OffsetCommitResponse;
import dev.tidemark.protocol.message.OffsetDeleteRequest;
import dev.tidemark.protocol.message.OffsetDeleteResponse;
import dev.tidemark.protocol.message.OffsetFetchRequest;
import dev.tidemark.protocol.message.OffsetFetchResponse;
import dev.tidemark.protocol.message.Response;
import dev.tidemark.protocol.message.SyncGroupRequest;
import dev.tidemark.protocol.message.SyncGroupResponse;
import dev.tidemark.protocol.message.TxnOffsetCommitRequest;
import dev.tidemark.protocol.message.TxnOffsetCommitResponse;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Function;
import java.util.function.IntFunction;
import java.util.function.Supplier;

/// The group coordinator of a broker: one method per API, and the changes of the world that it must hear of. Callable
/// from any thread; nothing blocks. Futures never complete exceptionally: failures are error codes in the response.
/// They complete inside the shard's serial, so that what hangs on them must be short.
///
/// The caller has checked authorization (group READ, DESCRIBE, DELETE and topic READ): topics that the client may not
/// see are taken out of the request before and out of the response after.
public final class GroupCoordinator {
    public static final String OFFSETS_TOPIC = "__consumer_offsets";

    private final Supplier<GroupCoordinatorConfig> config;
    private final Supplier<MetadataView> metadata;
    private final Supplier<Uuid> memberIds;
    private final GroupShards shards;

    /// @param config the broker's settings, asked at each decision
    /// @param groupSettings of a group by its id, asked at each heartbeat
    /// @param metadata the newest version of the topics, asked at each decision
    /// @param memberIds fresh random ids
    /// @param loopOfPartition where the timers of an offsets partition fire
    /// @param background resolves regular expressions
    public GroupCoordinator(
            Supplier<GroupCoordinatorConfig> config,
            Function<String, GroupSettings> groupSettings,
            Supplier<MetadataView> metadata,
            Supplier<Uuid> memberIds,
            IntFunction<Loop> loopOfPartition,
            Executor background) {
        this.config = config;
        this.metadata = metadata;
        this.memberIds = memberIds;
        this.shards = new GroupShards(
                () -> new GroupMachine(config, groupSettings, metadata), config, loopOfPartition, background);
    }

    /// The partition of the offsets topic that owns the group: Kafka's rule, over the topic's real partition count.
    public int partitionFor(String groupId) {
        MetadataView.Topic topic = metadata.get().topic(OFFSETS_TOPIC);
        int partitions = topic == null ? config.get().offsetsTopicPartitions() : topic.partitions();
        int hash = groupId.hashCode();
        return (hash == Integer.MIN_VALUE ? 0 : Math.abs(hash)) % partitions;
    }

    /// This broker leads the partition of the offsets topic from `leaderEpoch` on: the log is replayed, then its
    /// groups are served.
    public void onElected(int partition, int leaderEpoch, CoordinatorLog log) {
        shards.onElected(partition, leaderEpoch, log);
    }

    /// This broker does not lead the partition from `leaderEpoch` on.
    public void onResigned(int partition, int leaderEpoch) {
        shards.onResigned(partition, leaderEpoch);
    }

    /// The offsets topic is gone: should it come back, then as another one, whose leader epochs begin anew.
    public void onOffsetsTopicDeleted() {
        shards.forgetAll();
    }

    /// Topics are gone: so are their offsets.
    public void onTopicsDeleted(Collection<String> names) {
        shards.sweep(new GroupInput.TopicsDeleted(Set.copyOf(names)));
    }

    /// Answers everybody who waits with NOT_COORDINATOR. Nothing is served afterwards.
    public void shutdown() {
        shards.resignAll();
    }

    public CompletableFuture<JoinGroupResponse> joinGroup(ClientContext client, JoinGroupRequest request) {
        Function<ErrorCode, JoinGroupResponse> onError = error -> ClassicReplies.joinError(error, request.memberId());
        if (!GroupIds.isValid(request.groupId())) return refused(onError, ErrorCode.INVALID_GROUP_ID);
        if (!GroupIds.fits(request)) return refused(onError, ErrorCode.INVALID_REQUEST);
        return ask(
                request.groupId(),
                new GroupInput.Join(client, request, freshMemberId()),
                JoinGroupResponse.class,
                onError);
    }

    /// In the dashed form, as Kafka's own.
    private String freshMemberId() {
        Uuid id = memberIds.get();
        return new UUID(id.mostSignificantBits(), id.leastSignificantBits()).toString();
    }

    public CompletableFuture<SyncGroupResponse> syncGroup(ClientContext client, SyncGroupRequest request) {
        if (request.groupId().isEmpty()) return refused(ClassicReplies::syncError, ErrorCode.INVALID_GROUP_ID);
        return ask(
                request.groupId(),
                new GroupInput.Sync(client, request),
                SyncGroupResponse.class,
                ClassicReplies::syncError);
    }

    public CompletableFuture<HeartbeatResponse> heartbeat(ClientContext client, HeartbeatRequest request) {
        // A client that does not know of a loading coordinator goes on, and hears when it is loaded.
        Function<ErrorCode, HeartbeatResponse> onError = error ->
                ClassicReplies.heartbeat(error == ErrorCode.COORDINATOR_LOAD_IN_PROGRESS ? ErrorCode.NONE : error);
        if (request.groupId().isEmpty()) return refused(onError, ErrorCode.INVALID_GROUP_ID);
        return ask(request.groupId(), new GroupInput.Heartbeat(client, request), HeartbeatResponse.class, onError);
    }

    public CompletableFuture<LeaveGroupResponse> leaveGroup(ClientContext client, LeaveGroupRequest request) {
        Function<ErrorCode, LeaveGroupResponse> onError =
                error -> LeaveGroupResponse.builder().errorCode(error).build();
        if (request.groupId().isEmpty()) return refused(onError, ErrorCode.INVALID_GROUP_ID);
        return ask(request.groupId(), new GroupInput.Leave(client, request), LeaveGroupResponse.class, onError);
    }

    public CompletableFuture<ConsumerGroupHeartbeatResponse> consumerGroupHeartbeat(
            ClientContext client, ConsumerGroupHeartbeatRequest request) {
        Function<ErrorCode, ConsumerGroupHeartbeatResponse> onError = error ->
                ConsumerGroupHeartbeatResponse.builder().errorCode(error).build();
        if (!GroupIds.isValidText(request.groupId())) return refused(onError, ErrorCode.INVALID_GROUP_ID);
        if (!GroupIds.isValidText(request.memberId()) || !GroupIds.isValidText(request.instanceId()))
            return refused(onError, ErrorCode.INVALID_REQUEST);
        return ask(
                request.groupId(),
                new GroupInput.ConsumerHeartbeat(
                        client, request, memberIds.get().toString()),
                ConsumerGroupHeartbeatResponse.class,
                onError);
    }

    public CompletableFuture<OffsetCommitResponse> offsetCommit(ClientContext client, OffsetCommitRequest request) {
        Function<ErrorCode, OffsetCommitResponse> onError = error -> OffsetCommit.refused(request, error);
        if (!GroupIds.isValidText(request.groupId())) return refused(onError, ErrorCode.INVALID_GROUP_ID);
        return ask(
                request.groupId(), new GroupInput.CommitOffsets(client, request), OffsetCommitResponse.class, onError);
    }

    /// TxnOffsetCommit 0-6.
    ///
    /// @param whetherOpen asks the transaction coordinator: NONE where the transaction is open and this group's
    ///     partition takes part in it; else what the client hears. Never fails otherwise
    public CompletableFuture<TxnOffsetCommitResponse> txnOffsetCommit(
            ClientContext client, TxnOffsetCommitRequest request, Supplier<CompletableFuture<ErrorCode>> whetherOpen) {
        if (!GroupIds.isValidText(request.groupId()))
            return CompletableFuture.completedFuture(TxnOffsets.refused(request, ErrorCode.INVALID_GROUP_ID));
        int partition = partitionFor(request.groupId());
        Expected expected = new Expected(request.producerId(), request.producerEpoch());
        shards.tell(partition, machine -> machine.expectedCommits().add(expected));
        return whetherOpen
                .get()
                .thenCompose(error -> error == ErrorCode.NONE
                        ? commitInTransaction(client, request, expected)
                        : CompletableFuture.completedFuture(TxnOffsets.refused(request, error)))
                .whenComplete((_, _) -> shards.tell(
                        partition, machine -> machine.expectedCommits().remove(expected)));
    }

    private CompletableFuture<TxnOffsetCommitResponse> commitInTransaction(
            ClientContext client, TxnOffsetCommitRequest request, Expected expected) {
        OffsetCommitRequest commit = TxnOffsets.toCommit(request);
        GroupInput input = new GroupInput.CommitInTransaction(TxnOffsets.toCommit(client), commit, expected);
        return ask(request.groupId(), input, OffsetCommitResponse.class, error -> OffsetCommit.refused(commit, error))
                .thenApply(response -> TxnOffsets.fromCommit(response, client));
    }

    /// A transaction with offsets of this partition's groups has ended. NONE when that is written and committed.
    public CompletableFuture<ErrorCode> endTransaction(int partition, EndMarker marker) {
        return shards.endTransaction(partition, marker);
    }

    /// Topics that the caller may not see are the broker's to take out.
    public CompletableFuture<OffsetFetchResponse> offsetFetch(ClientContext client, OffsetFetchRequest request) {
        if (client.apiVersion() < OffsetFetchForms.BATCHED_VERSION) {
            return fetch(OffsetFetchForms.single(request), request.requireStable())
                    .thenApply(response -> OffsetFetchForms.single(
                            response.groups().getFirst(), request.topics(), client.apiVersion()));
        }
        List<CompletableFuture<OffsetFetchResponse>> answers = new ArrayList<>();
        for (OffsetFetchRequest.OffsetFetchRequestGroup group : request.groups())
            answers.add(fetch(group, request.requireStable()));
        boolean byId = client.apiVersion() >= OffsetFetchForms.TOPIC_ID_VERSION;
        return gather(answers, OffsetFetchResponse::groups)
                .thenApply(groups -> OffsetFetchResponse.builder()
                        .groups(
                                byId
                                        ? groups.stream()
                                                .map(OffsetFetchForms::byId)
                                                .toList()
                                        : groups)
                        .build());
    }

    private CompletableFuture<OffsetFetchResponse> fetch(
            OffsetFetchRequest.OffsetFetchRequestGroup group, boolean requireStable) {
        return ask(
                group.groupId(),
                new GroupInput.FetchOffsets(group, requireStable),
                OffsetFetchResponse.class,
                error -> OffsetFetchResponse.builder()
                        .groups(List.of(OffsetFetch.refused(group.groupId(), error)))
                        .build());
    }

    public CompletableFuture<OffsetDeleteResponse> offsetDelete(ClientContext client, OffsetDeleteRequest request) {
        return ask(
                request.groupId(),
                new GroupInput.DeleteOffsets(request),
                OffsetDeleteResponse.class,
                OffsetRequests::refusedDelete);
    }

    /// The groups of all shards that are led here.
    public CompletableFuture<ListGroupsResponse> listGroups(ClientContext client, ListGroupsRequest request) {
        List<CompletableFuture<ListGroupsResponse>> answers = shards.readAll(
                machine -> machine.list(request),
                ListGroupsResponse.class,
                error -> ListGroupsResponse.builder().errorCode(error).build());
        return gather(answers, List::of).thenApply(GroupCoordinator::merge);
    }

    /// A shard that was lost meanwhile has nothing to list; one that loads makes the list incomplete.
    private static ListGroupsResponse merge(List<ListGroupsResponse> parts) {
        List<ListGroupsResponse.ListedGroup> groups = new ArrayList<>();
        for (ListGroupsResponse part : parts) {
            ErrorCode error = ErrorCode.forCode(part.errorCode());
            if (error != ErrorCode.NONE && error != ErrorCode.NOT_COORDINATOR) return part;
            groups.addAll(part.groups());
        }
        return ListGroupsResponse.builder().groups(groups).build();
    }

    public CompletableFuture<DescribeGroupsResponse> describeGroups(
            ClientContext client, DescribeGroupsRequest request) {
        List<CompletableFuture<DescribeGroupsResponse>> answers = new ArrayList<>();
        for (String groupId : request.groups()) {
            Function<ErrorCode, DescribeGroupsResponse> onError = error -> DescribeGroupsResponse.builder()
                    .groups(List.of(GroupAdmin.describeError(groupId, error)))
                    .build();
            answers.add(
                    ask(groupId, new GroupInput.Describe(client.apiVersion()), DescribeGroupsResponse.class, onError));
        }
        return gather(answers, DescribeGroupsResponse::groups)
                .thenApply(groups ->
                        DescribeGroupsResponse.builder().groups(groups).build());
    }

    public CompletableFuture<ConsumerGroupDescribeResponse> consumerGroupDescribe(
            ClientContext client, ConsumerGroupDescribeRequest request) {
        List<CompletableFuture<ConsumerGroupDescribeResponse>> answers = new ArrayList<>();
        for (String groupId : request.groupIds()) {
            Function<ErrorCode, ConsumerGroupDescribeResponse> onError =
                    error -> ConsumerGroupDescribeResponse.builder()
                            .groups(List.of(GroupAdmin.describeConsumerError(groupId, error, null)))
                            .build();
            answers.add(ask(groupId, new GroupInput.DescribeConsumer(), ConsumerGroupDescribeResponse.class, onError));
        }
        return gather(answers, ConsumerGroupDescribeResponse::groups)
                .thenApply(groups ->
                        ConsumerGroupDescribeResponse.builder().groups(groups).build());
    }

    public CompletableFuture<DeleteGroupsResponse> deleteGroups(ClientContext client, DeleteGroupsRequest request) {
        List<CompletableFuture<DeleteGroupsResponse>> answers = new ArrayList<>();
        for (String groupId : request.groupsNames()) {
            Function<ErrorCode, DeleteGroupsResponse> onError = error -> DeleteGroupsResponse.builder()
                    .results(List.of(GroupAdmin.deleteResult(groupId, error)))
                    .build();
            answers.add(ask(groupId, new GroupInput.Delete(), DeleteGroupsResponse.class, onError));
        }
        return gather(answers, DeleteGroupsResponse::results)
                .thenApply(results ->
                        DeleteGroupsResponse.builder().results(results).build());
    }

    /// For tests.
    GroupShards shards() {
        return shards;
    }

    private <T extends Response> CompletableFuture<T> ask(
            String groupId, GroupInput input, Class<T> type, Function<ErrorCode, T> onError) {
        return shards.ask(partitionFor(groupId), groupId, input, type, onError);
    }

    private static <T> CompletableFuture<T> refused(Function<ErrorCode, T> onError, ErrorCode error) {
        return CompletableFuture.completedFuture(onError.apply(error));
    }

    /// The parts of all answers, in the order of the questions.
    private static <T, P> CompletableFuture<List<P>> gather(
            List<CompletableFuture<T>> answers, Function<T, List<P>> parts) {
        return CompletableFuture.allOf(answers.toArray(CompletableFuture[]::new))
                .thenApply(_ -> {
                    List<P> all = new ArrayList<>();
                    for (CompletableFuture<T> answer : answers) all.addAll(parts.apply(answer.join()));
                    return all;
                });
    }
}
