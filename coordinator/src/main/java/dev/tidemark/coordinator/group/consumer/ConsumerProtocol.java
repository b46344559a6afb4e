package dev.tidemark.coordinator.group.consumer;

import dev.tidemark.coordinator.group.GroupFact;
import dev.tidemark.coordinator.group.GroupInput;
import dev.tidemark.coordinator.group.Plan;
import dev.tidemark.coordinator.group.classic.ClassicGroup;
import dev.tidemark.coordinator.group.classic.ClassicState;
import dev.tidemark.coordinator.runtime.Decision;
import dev.tidemark.coordinator.runtime.Effect;
import dev.tidemark.protocol.ErrorCode;
import dev.tidemark.protocol.message.ConsumerGroupHeartbeatRequest;
import dev.tidemark.protocol.message.ConsumerGroupHeartbeatResponse;
import dev.tidemark.protocol.message.JoinGroupResponse;
import dev.tidemark.protocol.message.Response;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What a consumer group makes of each input. Stateless: the group comes in, a decision goes out.
public final class ConsumerProtocol {
    private ConsumerProtocol() {}

    /// A heartbeat to a group that may be of either kind, or not be there: a classic group is upgraded by the
    /// first join.
    ///
    /// @param group the consumer group of that id
    /// @param classic the classic group of that id
    public static Decision<GroupInput, GroupFact, Response> heartbeat(
            @Nullable ConsumerGroup group,
            @Nullable ClassicGroup classic,
            GroupInput.ConsumerHeartbeat input,
            ConsumerEnv env) {
        ConsumerGroupHeartbeatRequest request = input.request();
        Refusal refusal = HeartbeatRules.checkForm(
                request, input.client().apiVersion(), env.config().consumer().assignors());
        if (refusal != null) return Plan.answer(refusal.toResponse());
        boolean joins = request.memberEpoch() == HeartbeatRules.JOIN_EPOCH;
        if (group == null && !joins) return Plan.answer(notFound(env));
        if (group != null) {
            refusal = HeartbeatRules.checkConnection(
                    group, request.memberId(), input.client().connection());
            if (refusal != null) return Plan.answer(refusal.toResponse());
        }
        ConsumerDraft draft = new ConsumerDraft(group == null ? ConsumerGroup.NEW : group, env, new Plan());
        if (group == null && classic != null) {
            refusal = takeOver(draft, classic);
            if (refusal != null) return Plan.answer(refusal.toResponse());
        }
        ConsumerGroupHeartbeatResponse response =
                request.memberEpoch() < 0 ? Leave.leave(draft, request) : new ConsumerHeartbeat(draft, input).respond();
        return response.errorCode() == ErrorCode.NONE.code() ? draft.plan.decide(response) : Plan.answer(response);
    }

    private static ConsumerGroupHeartbeatResponse notFound(ConsumerEnv env) {
        return new Refusal(ErrorCode.GROUP_ID_NOT_FOUND, "Consumer group " + env.groupId() + " not found.")
                .toResponse();
    }

    private static @Nullable Refusal takeOver(ConsumerDraft draft, ClassicGroup classic) {
        if (classic.is(ClassicState.EMPTY) && classic.members().isEmpty()) {
            if (classic.generationId() > 0) draft.add(new GroupFact.ClassicForgotten());
            return null;
        }
        return Migration.upgrade(draft, classic);
    }

    public static Decision<GroupInput, GroupFact, Response> join(
            ConsumerGroup group, GroupInput.Join join, ConsumerEnv env) {
        ConsumerDraft draft = new ConsumerDraft(group, env, new Plan());
        JoinGroupResponse response =
                new ClassicMembers(draft).join(join.client(), join.request(), join.freshMemberId());
        return response.errorCode() == ErrorCode.NONE.code() ? draft.plan.decide(response) : Plan.answer(response);
    }

    public static Decision<GroupInput, GroupFact, Response> sync(
            ConsumerGroup group, GroupInput.Sync sync, ConsumerEnv env) {
        ConsumerDraft draft = new ConsumerDraft(group, env, new Plan());
        return draft.plan.decide(new ClassicMembers(draft).sync(sync.request()));
    }

    public static Decision<GroupInput, GroupFact, Response> classicHeartbeat(
            ConsumerGroup group, GroupInput.Heartbeat heartbeat, ConsumerEnv env) {
        ConsumerDraft draft = new ConsumerDraft(group, env, new Plan());
        return draft.plan.decide(new ClassicMembers(draft).heartbeat(heartbeat.request()));
    }

    public static Decision<GroupInput, GroupFact, Response> classicLeave(
            ConsumerGroup group, GroupInput.Leave leave, ConsumerEnv env) {
        ConsumerDraft draft = new ConsumerDraft(group, env, new Plan());
        return draft.plan.decide(Leave.classicLeave(draft, leave));
    }

    /// Timers, and what came of work that was done elsewhere.
    public static Decision<GroupInput, GroupFact, Response> onTimer(
            ConsumerGroup group, GroupInput timer, ConsumerEnv env) {
        ConsumerDraft draft = new ConsumerDraft(group, env, new Plan());
        switch (timer) {
            case GroupInput.SessionExpired(var memberId) -> Leave.expel(draft, memberId);
            case GroupInput.ClassicJoinTimedOut(var memberId) -> Leave.expel(draft, memberId);
            case GroupInput.ClassicSyncTimedOut(var memberId) -> Leave.expel(draft, memberId);
            case GroupInput.RevocationTimedOut(var memberId, var epoch) -> {
                ConsumerMember member = group.member(memberId);
                if (member != null
                        && member.epoch() == epoch
                        && member.current().state() == MemberState.UNREVOKED_PARTITIONS) Leave.expel(draft, memberId);
            }
            case GroupInput.AssignmentDue() -> draft.refreshTargets();
            case GroupInput.RegexesResolved(var regexes) -> Regexes.onResolved(draft, regexes);
            default -> {} // a timer of the group's time under the other protocol
        }
        return draft.plan.decide(null);
    }

    /// A loaded group waits anew for each member's sign of life, and for what it is to give up.
    public static List<Effect<GroupInput, Response>> onLoaded(ConsumerGroup group, ConsumerEnv env) {
        ConsumerDraft draft = new ConsumerDraft(group, env, new Plan());
        for (ConsumerMember member : group.members().values()) {
            draft.startSession(member);
            if (member.current().state() == MemberState.UNREVOKED_PARTITIONS && !member.isClassic())
                draft.plan.startTimer(
                        ConsumerDraft.revocationTimer(member.memberId()),
                        member.subscription().rebalanceTimeoutMs(),
                        new GroupInput.RevocationTimedOut(member.memberId(), member.epoch()));
        }
        return draft.plan.decide(null).effects();
    }

    /// The tombstones of a group without members.
    public static void forget(Plan plan, ConsumerGroup group, ConsumerEnv env) {
        new ConsumerDraft(group, env, plan).forget();
    }
}
