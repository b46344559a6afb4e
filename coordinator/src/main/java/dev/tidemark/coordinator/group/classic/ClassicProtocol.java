package dev.tidemark.coordinator.group.classic;

import dev.tidemark.base.Bytes;
import dev.tidemark.coordinator.group.GroupCoordinatorConfig;
import dev.tidemark.coordinator.group.GroupFact;
import dev.tidemark.coordinator.group.GroupInput;
import dev.tidemark.coordinator.group.Plan;
import dev.tidemark.coordinator.runtime.Decision;
import dev.tidemark.coordinator.runtime.Effect;
import dev.tidemark.protocol.ErrorCode;
import dev.tidemark.protocol.message.HeartbeatRequest;
import dev.tidemark.protocol.message.Response;
import dev.tidemark.protocol.message.SyncGroupRequest;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What a classic group makes of each input. Stateless: the group comes in, a decision goes out.
public final class ClassicProtocol {
    private ClassicProtocol() {}

    /// @param group null where there is none of that id yet
    public static Decision<GroupInput, GroupFact, Response> join(
            @Nullable ClassicGroup group,
            GroupInput.Join join,
            long waiter,
            GroupCoordinatorConfig.Classic config,
            long nowMs) {
        int sessionMs = join.request().sessionTimeoutMs();
        String memberId = join.request().memberId();
        if (sessionMs < config.sessionTimeoutMinMs() || sessionMs > config.sessionTimeoutMaxMs())
            return Plan.answer(ClassicReplies.joinError(ErrorCode.INVALID_SESSION_TIMEOUT, memberId));
        if (group == null && !memberId.isEmpty())
            return Plan.answer(ClassicReplies.joinError(ErrorCode.UNKNOWN_MEMBER_ID, memberId));
        ClassicDraft draft = new ClassicDraft(group, config, nowMs);
        Response reply = new Joining(draft, join, waiter).join();
        return draft.finish(reply);
    }

    public static Decision<GroupInput, GroupFact, Response> sync(
            ClassicGroup group,
            SyncGroupRequest request,
            long waiter,
            GroupCoordinatorConfig.Classic config,
            long nowMs) {
        ErrorCode error = checkSync(group, request);
        if (error != ErrorCode.NONE) return Plan.answer(ClassicReplies.syncError(error));
        ClassicDraft draft = new ClassicDraft(group, config, nowMs);
        ClassicMember member = group.memberOrFail(request.memberId());
        draft.group = group.withoutPendingSync(member.memberId());
        draft.startSession(member);
        if (group.is(ClassicState.STABLE)) {
            if (draft.group.pendingSyncs().isEmpty()) draft.plan.cancelTimer(ClassicDraft.SYNC_TIMER);
            return draft.finish(ClassicReplies.synced(group, member.assignment()));
        }
        draft.plan.respond(member.syncWaiter(), ClassicReplies.syncError(ErrorCode.REBALANCE_IN_PROGRESS));
        draft.group = draft.group.withMember(member.withWaiters(member.joinWaiter(), waiter));
        if (group.isLeader(member.memberId())) assign(draft, request);
        return draft.finish(null);
    }

    private static ErrorCode checkSync(ClassicGroup group, SyncGroupRequest request) {
        ErrorCode error =
                Membership.check(group, request.memberId(), request.groupInstanceId(), request.generationId());
        if (error != ErrorCode.NONE) return error;
        String type = request.protocolType();
        String name = request.protocolName();
        boolean fits = (type == null || type.equals(group.protocolType()))
                && (name == null || name.equals(group.protocolName()));
        if (!fits) return ErrorCode.INCONSISTENT_GROUP_PROTOCOL;
        return switch (group.state()) {
            case EMPTY -> ErrorCode.UNKNOWN_MEMBER_ID;
            case PREPARING_REBALANCE -> ErrorCode.REBALANCE_IN_PROGRESS;
            case COMPLETING_REBALANCE, STABLE -> ErrorCode.NONE;
        };
    }

    /// The leader's assignment makes the group stable; whom it forgot gets nothing.
    private static void assign(ClassicDraft draft, SyncGroupRequest request) {
        Map<String, Bytes> assignments = new HashMap<>();
        for (SyncGroupRequest.SyncGroupRequestAssignment one : request.assignments())
            assignments.put(one.memberId(), one.assignment());
        draft.group = draft.group.mapMembers(
                member -> member.withAssignment(assignments.getOrDefault(member.memberId(), Bytes.EMPTY)));
        draft.moveTo(ClassicState.STABLE);
        ClassicGroup stable = draft.group;
        draft.group = stable.mapMembers(member -> {
            if (!member.awaitsSync()) return member;
            draft.plan.respond(member.syncWaiter(), ClassicReplies.synced(stable, member.assignment()));
            draft.startSession(member);
            return member.withWaiters(member.joinWaiter(), 0);
        });
        if (draft.group.pendingSyncs().isEmpty()) draft.plan.cancelTimer(ClassicDraft.SYNC_TIMER);
        draft.save();
    }

    public static Decision<GroupInput, GroupFact, Response> heartbeat(ClassicGroup group, HeartbeatRequest request) {
        ErrorCode error =
                Membership.check(group, request.memberId(), request.groupInstanceId(), request.generationId());
        if (error != ErrorCode.NONE) return Plan.answer(ClassicReplies.heartbeat(error));
        if (group.is(ClassicState.EMPTY)) return Plan.answer(ClassicReplies.heartbeat(ErrorCode.UNKNOWN_MEMBER_ID));
        boolean rebalances = group.is(ClassicState.PREPARING_REBALANCE);
        Plan plan = new Plan();
        keepAlive(plan, group.memberOrFail(request.memberId()));
        return plan.decide(ClassicReplies.heartbeat(rebalances ? ErrorCode.REBALANCE_IN_PROGRESS : ErrorCode.NONE));
    }

    /// A sign of life.
    public static void keepAlive(Plan plan, ClassicMember member) {
        String memberId = member.memberId();
        plan.startTimer(
                ClassicDraft.sessionTimer(memberId),
                member.sessionTimeoutMs(),
                new GroupInput.SessionExpired(memberId));
    }

    public static Decision<GroupInput, GroupFact, Response> leave(
            ClassicGroup group, GroupInput.Leave leave, GroupCoordinatorConfig.Classic config, long nowMs) {
        ClassicDraft draft = new ClassicDraft(group, config, nowMs);
        Response reply = Leaving.leave(draft, leave);
        return draft.finish(reply);
    }

    /// The timers of a classic group.
    public static Decision<GroupInput, GroupFact, Response> onTimer(
            ClassicGroup group, GroupInput timer, GroupCoordinatorConfig.Classic config, long nowMs) {
        ClassicDraft draft = new ClassicDraft(group, config, nowMs);
        switch (timer) {
            case GroupInput.SessionExpired(var memberId) -> Leaving.onSessionExpired(draft, memberId);
            case GroupInput.InitialDelayOver(var remainingMs) -> Rebalance.onInitialDelayOver(draft, remainingMs);
            case GroupInput.JoinTimedOut(var generationId) -> Rebalance.onJoinTimedOut(draft, generationId);
            case GroupInput.SyncTimedOut(var generationId) -> Rebalance.onSyncTimedOut(draft, generationId);
            default -> {} // a timer of the group's time under the other protocol
        }
        return draft.finish(null);
    }

    /// Tells a member's waiting calls that they failed.
    public static void failWaiters(Plan plan, ClassicMember member, ErrorCode error) {
        plan.respond(member.joinWaiter(), ClassicReplies.joinError(error, member.memberId()));
        plan.respond(member.syncWaiter(), ClassicReplies.syncError(error));
    }

    /// The group is about to end.
    public static void stopTimers(Plan plan, ClassicGroup group) {
        plan.cancelTimer(ClassicDraft.REBALANCE_TIMER);
        plan.cancelTimer(ClassicDraft.SYNC_TIMER);
        for (String memberId : group.members().keySet()) plan.cancelTimer(ClassicDraft.sessionTimer(memberId));
        for (String memberId : group.pendingJoins().keySet()) plan.cancelTimer(ClassicDraft.sessionTimer(memberId));
    }

    /// A loaded group waits anew for each member's sign of life.
    public static List<Effect<GroupInput, Response>> onLoaded(ClassicGroup group) {
        Plan plan = new Plan();
        for (ClassicMember member : group.members().values()) keepAlive(plan, member);
        return plan.decide(null).effects();
    }

    /// A group that was made of a consumer group asks everybody to join again.
    public static void rebalanceAfterDowngrade(
            Plan plan, ClassicGroup group, GroupCoordinatorConfig.Classic config, long nowMs) {
        ClassicDraft draft = new ClassicDraft(group, config, nowMs);
        for (ClassicMember member : group.members().values()) keepAlive(plan, member);
        Rebalance.prepare(draft);
        Decision<GroupInput, GroupFact, Response> decision = draft.finish(null);
        plan.addAll(decision);
    }
}
