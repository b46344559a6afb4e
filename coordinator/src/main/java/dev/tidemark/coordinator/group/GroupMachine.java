package dev.tidemark.coordinator.group;

import dev.tidemark.coordinator.group.classic.ClassicGroup;
import dev.tidemark.coordinator.group.classic.ClassicProtocol;
import dev.tidemark.coordinator.group.classic.ClassicReplies;
import dev.tidemark.coordinator.group.consumer.ConsumerEnv;
import dev.tidemark.coordinator.group.consumer.ConsumerGroup;
import dev.tidemark.coordinator.group.consumer.ConsumerProtocol;
import dev.tidemark.coordinator.group.offsets.ExpectedCommits;
import dev.tidemark.coordinator.group.offsets.OffsetCommit;
import dev.tidemark.coordinator.runtime.Decision;
import dev.tidemark.coordinator.runtime.Effect;
import dev.tidemark.coordinator.runtime.EndMarker;
import dev.tidemark.coordinator.runtime.LogBatch;
import dev.tidemark.coordinator.runtime.LogRecord;
import dev.tidemark.coordinator.runtime.Machine;
import dev.tidemark.protocol.ErrorCode;
import dev.tidemark.protocol.codec.MalformedException;
import dev.tidemark.protocol.codec.UnsupportedVersionException;
import dev.tidemark.protocol.message.LeaveGroupRequest;
import dev.tidemark.protocol.message.LeaveGroupResponse;
import dev.tidemark.protocol.message.ListGroupsRequest;
import dev.tidemark.protocol.message.ListGroupsResponse;
import dev.tidemark.protocol.message.Response;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The groups of one shard: hands each input to the protocol that its group speaks. Owner: the shard's serial.
final class GroupMachine implements Machine<GroupInput, GroupFact, Response> {
    private static final Logger LOG = LoggerFactory.getLogger(GroupMachine.class);

    private final Map<String, GroupEntry> entries = new HashMap<>();
    private final Supplier<GroupCoordinatorConfig> config;
    private final Function<String, GroupSettings> settings;
    private final Supplier<MetadataView> metadata;
    private final Map<Long, Set<String>> groupsByProducer = new HashMap<>();
    private final ExpectedCommits expectedCommits = new ExpectedCommits();
    private boolean skippedSome;

    GroupMachine(
            Supplier<GroupCoordinatorConfig> config,
            Function<String, GroupSettings> settings,
            Supplier<MetadataView> metadata) {
        this.config = config;
        this.settings = settings;
        this.metadata = metadata;
    }

    @Override
    public Decision<GroupInput, GroupFact, Response> decide(String groupId, GroupInput input, long waiter, long nowMs) {
        GroupEntry entry = entries.get(groupId);
        return switch (input) {
            case GroupInput.Join join -> join(entry, join, waiter, env(groupId, nowMs));
            case GroupInput.Sync sync -> sync(entry, sync, waiter, env(groupId, nowMs));
            case GroupInput.Heartbeat heartbeat -> heartbeat(entry, heartbeat, env(groupId, nowMs));
            case GroupInput.Leave leave -> leave(entry, leave, env(groupId, nowMs));
            case GroupInput.ConsumerHeartbeat heartbeat ->
                ConsumerProtocol.heartbeat(
                        entry == null ? null : entry.consumer(),
                        entry == null ? null : entry.classic(),
                        heartbeat,
                        env(groupId, nowMs));
            case GroupInput.CommitOffsets commit -> OffsetRequests.commit(entry, commit, env(groupId, nowMs));
            case GroupInput.CommitInTransaction commit ->
                expectedCommits.has(commit.expected())
                        ? OffsetRequests.commitInTransaction(entry, commit, env(groupId, nowMs))
                        : Plan.answer(OffsetCommit.refused(commit.commit(), ErrorCode.COORDINATOR_LOAD_IN_PROGRESS));
            case GroupInput.FetchOffsets fetch -> Decision.reply(OffsetRequests.fetch(entry, fetch, metadata.get()));
            case GroupInput.DeleteOffsets(var request) -> OffsetRequests.delete(entry, request);
            case GroupInput.Describe(var apiVersion) -> Decision.reply(GroupAdmin.describe(entry, groupId, apiVersion));
            case GroupInput.DescribeConsumer() ->
                Decision.reply(GroupAdmin.describeConsumer(entry, env(groupId, nowMs)));
            case GroupInput.Delete() -> GroupAdmin.delete(entry, env(groupId, nowMs));
            case GroupInput.ExpireOffsets() ->
                entry == null ? Decision.nothing() : OffsetRequests.expire(entry, env(groupId, nowMs));
            case GroupInput.TopicsDeleted(var topics) ->
                entry == null ? Decision.nothing() : OffsetRequests.deleteTopics(entry, topics);
            case GroupInput.SessionExpired _,
                    GroupInput.InitialDelayOver _,
                    GroupInput.JoinTimedOut _,
                    GroupInput.SyncTimedOut _,
                    GroupInput.RevocationTimedOut _,
                    GroupInput.AssignmentDue _,
                    GroupInput.ClassicJoinTimedOut _,
                    GroupInput.ClassicSyncTimedOut _,
                    GroupInput.RegexesResolved _ -> onTimer(entry, input, env(groupId, nowMs));
        };
    }

    private ConsumerEnv env(String groupId, long nowMs) {
        return new ConsumerEnv(groupId, metadata.get(), config.get(), settings.apply(groupId), nowMs);
    }

    private static Decision<GroupInput, GroupFact, Response> join(
            @Nullable GroupEntry entry, GroupInput.Join join, long waiter, ConsumerEnv env) {
        GroupCoordinatorConfig.Classic classicConfig = env.config().classic();
        ConsumerGroup consumer = entry == null ? null : entry.consumer();
        if (consumer == null) {
            ClassicGroup classic = entry == null ? null : entry.classic();
            return ClassicProtocol.join(classic, join, waiter, classicConfig, env.nowMs());
        }
        int sessionMs = join.request().sessionTimeoutMs();
        if (sessionMs < classicConfig.sessionTimeoutMinMs() || sessionMs > classicConfig.sessionTimeoutMaxMs())
            return Plan.answer(ClassicReplies.joinError(
                    ErrorCode.INVALID_SESSION_TIMEOUT, join.request().memberId()));
        if (!consumer.members().isEmpty()) return ConsumerProtocol.join(consumer, join, env);
        // Nobody is left of the consumer group: the id is free for a classic one.
        Decision<GroupInput, GroupFact, Response> decision =
                ClassicProtocol.join(null, join, waiter, classicConfig, env.nowMs());
        if (decision.facts().isEmpty()) return decision;
        Plan plan = new Plan();
        ConsumerProtocol.forget(plan, consumer, env);
        plan.addAll(decision);
        return plan.decide(decision.reply());
    }

    private static Decision<GroupInput, GroupFact, Response> sync(
            @Nullable GroupEntry entry, GroupInput.Sync sync, long waiter, ConsumerEnv env) {
        return switch (entry == null ? null : entry.group()) {
            case null -> Plan.answer(ClassicReplies.syncError(ErrorCode.UNKNOWN_MEMBER_ID));
            case Group.Classic(var state) ->
                ClassicProtocol.sync(state, sync.request(), waiter, env.config().classic(), env.nowMs());
            case Group.Consumer(var state) -> ConsumerProtocol.sync(state, sync, env);
        };
    }

    private static Decision<GroupInput, GroupFact, Response> heartbeat(
            @Nullable GroupEntry entry, GroupInput.Heartbeat heartbeat, ConsumerEnv env) {
        return switch (entry == null ? null : entry.group()) {
            case null -> Plan.answer(ClassicReplies.heartbeat(ErrorCode.UNKNOWN_MEMBER_ID));
            case Group.Classic(var state) -> ClassicProtocol.heartbeat(state, heartbeat.request());
            case Group.Consumer(var state) -> ConsumerProtocol.classicHeartbeat(state, heartbeat, env);
        };
    }

    private static Decision<GroupInput, GroupFact, Response> leave(
            @Nullable GroupEntry entry, GroupInput.Leave leave, ConsumerEnv env) {
        return switch (entry == null ? null : entry.group()) {
            case null -> Plan.answer(nobodyToLeave(leave));
            case Group.Classic(var state) ->
                ClassicProtocol.leave(state, leave, env.config().classic(), env.nowMs());
            case Group.Consumer(var state) -> ConsumerProtocol.classicLeave(state, leave, env);
        };
    }

    private static LeaveGroupResponse nobodyToLeave(GroupInput.Leave leave) {
        LeaveGroupRequest request = leave.request();
        if (request.members().isEmpty())
            return LeaveGroupResponse.builder()
                    .errorCode(ErrorCode.UNKNOWN_MEMBER_ID)
                    .build();
        List<LeaveGroupResponse.MemberResponse> members = new ArrayList<>();
        for (LeaveGroupRequest.MemberIdentity member : request.members())
            members.add(LeaveGroupResponse.MemberResponse.builder()
                    .memberId(member.memberId())
                    .groupInstanceId(member.groupInstanceId())
                    .errorCode(ErrorCode.UNKNOWN_MEMBER_ID)
                    .build());
        return LeaveGroupResponse.builder().members(members).build();
    }

    private static Decision<GroupInput, GroupFact, Response> onTimer(
            @Nullable GroupEntry entry, GroupInput timer, ConsumerEnv env) {
        return switch (entry == null ? null : entry.group()) {
            case null -> Decision.nothing();
            case Group.Classic(var state) ->
                ClassicProtocol.onTimer(state, timer, env.config().classic(), env.nowMs());
            case Group.Consumer(var state) -> ConsumerProtocol.onTimer(state, timer, env);
        };
    }

    @Override
    public void apply(String groupId, GroupFact fact) {
        GroupEntry entry = entries.computeIfAbsent(groupId, _ -> new GroupEntry());
        entry.apply(fact);
        if (fact instanceof GroupFact.OffsetPending pending)
            groupsByProducer
                    .computeIfAbsent(pending.producerId(), _ -> new TreeSet<>())
                    .add(groupId);
        if (entry.isVoid()) entries.remove(groupId);
    }

    @Override
    public Collection<String> keysInTransaction(long producerId) {
        return groupsByProducer.getOrDefault(producerId, Set.of());
    }

    /// Those who ask the transaction coordinator before they commit.
    ExpectedCommits expectedCommits() {
        return expectedCommits;
    }

    @Override
    public void onEnding(EndMarker marker) {
        expectedCommits.onEnding(marker.producerId(), marker.lastEndedEpoch());
    }

    @Override
    public void endTransaction(long producerId, boolean commit) {
        Set<String> groups = groupsByProducer.remove(producerId);
        if (groups == null) return;
        for (String groupId : groups) {
            GroupEntry entry = entries.get(groupId);
            if (entry == null) continue;
            entry.endTransaction(producerId, commit);
            if (entry.isVoid()) entries.remove(groupId);
        }
    }

    @Override
    public List<LogRecord> encode(String groupId, GroupFact fact) {
        return GroupRecords.encode(groupId, fact);
    }

    @Override
    public void replay(LogBatch batch, LogRecord record) {
        try {
            RecordReader.Read read = RecordReader.read(record);
            if (read == null) skip("unknown type");
            else apply(read.groupId(), inTransaction(batch, read.fact()));
        } catch (UnsupportedVersionException | MalformedException unreadable) {
            skip(unreadable.getMessage());
        }
    }

    private static GroupFact inTransaction(LogBatch batch, GroupFact fact) {
        return batch.isTransactional()
                        && fact instanceof GroupFact.OffsetCommitted(var topic, var partition, var offset)
                ? new GroupFact.OffsetPending(batch.producerId(), topic, partition, offset)
                : fact;
    }

    private void skip(@Nullable String why) {
        if (skippedSome) return;
        skippedSome = true;
        LOG.warn("skipping records that this version cannot read, the first one because: {}", why);
    }

    @Override
    public Collection<String> keys() {
        return entries.keySet();
    }

    @Override
    public List<Effect<GroupInput, Response>> onLoaded(String groupId, long nowMs) {
        GroupEntry entry = entries.get(groupId);
        return switch (entry == null ? null : entry.group()) {
            case null -> List.of();
            case Group.Classic(var state) -> ClassicProtocol.onLoaded(state);
            case Group.Consumer(var state) -> ConsumerProtocol.onLoaded(state, env(groupId, nowMs));
        };
    }

    @Override
    public GroupInput sweepInput() {
        return new GroupInput.ExpireOffsets();
    }

    ListGroupsResponse list(ListGroupsRequest request) {
        List<ListGroupsResponse.ListedGroup> groups = new ArrayList<>();
        entries.forEach((groupId, entry) -> {
            ListGroupsResponse.ListedGroup listed = GroupAdmin.list(groupId, entry, request);
            if (listed != null) groups.add(listed);
        });
        return ListGroupsResponse.builder().groups(groups).build();
    }

    /// For tests: what is known under the id.
    @Nullable
    GroupEntry entry(String groupId) {
        return entries.get(groupId);
    }
}
