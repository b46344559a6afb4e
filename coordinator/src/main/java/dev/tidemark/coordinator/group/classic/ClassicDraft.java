package dev.tidemark.coordinator.group.classic;

import dev.tidemark.coordinator.group.GroupCoordinatorConfig;
import dev.tidemark.coordinator.group.GroupFact;
import dev.tidemark.coordinator.group.GroupInput;
import dev.tidemark.coordinator.group.Plan;
import dev.tidemark.coordinator.runtime.Decision;
import dev.tidemark.protocol.ErrorCode;
import dev.tidemark.protocol.message.Response;
import org.jspecify.annotations.Nullable;

/// The next state of a classic group in the making, within one `decide`. The state itself is immutable, so that
/// nothing is changed until the facts are applied.
final class ClassicDraft {
    static final String REBALANCE_TIMER = "rebalance";
    static final String SYNC_TIMER = "sync";

    /// How long a member that waits in its first JoinGroup is kept: it cannot heartbeat, and may be gone.
    static final int NEW_MEMBER_TIMEOUT_MS = 5 * 60 * 1000;

    final Plan plan = new Plan();
    final GroupCoordinatorConfig.Classic config;
    final long nowMs;
    ClassicGroup group;
    private final @Nullable ClassicGroup before;
    private boolean saves;

    ClassicDraft(@Nullable ClassicGroup before, GroupCoordinatorConfig.Classic config, long nowMs) {
        this.before = before;
        this.group = before == null ? ClassicGroup.empty(nowMs) : before;
        this.config = config;
        this.nowMs = nowMs;
    }

    /// The state becomes a record of the log.
    void save() {
        saves = true;
    }

    void moveTo(ClassicState state) {
        group = group.withState(state, nowMs);
    }

    static String sessionTimer(String memberId) {
        return "session/" + memberId;
    }

    void startSession(ClassicMember member) {
        startSession(member.memberId(), member.isNew() ? NEW_MEMBER_TIMEOUT_MS : member.sessionTimeoutMs());
    }

    void startSession(String memberId, long timeoutMs) {
        plan.startTimer(sessionTimer(memberId), timeoutMs, new GroupInput.SessionExpired(memberId));
    }

    void stopSession(String memberId) {
        plan.cancelTimer(sessionTimer(memberId));
    }

    /// Tells a member's waiting calls that they failed, and forgets them.
    ClassicMember failWaiters(ClassicMember member, ErrorCode error) {
        if (!member.awaitsJoin() && !member.awaitsSync()) return member;
        plan.respond(member.joinWaiter(), ClassicReplies.joinError(error, member.memberId()));
        plan.respond(member.syncWaiter(), ClassicReplies.syncError(error));
        return member.withWaiters(0, 0);
    }

    @SuppressWarnings("ReferenceEquality") // a state that did not change is the same one
    Decision<GroupInput, GroupFact, Response> finish(@Nullable Response reply) {
        if (saves) plan.fact(new GroupFact.ClassicSaved(group));
        else if (group != before) plan.fact(new GroupFact.ClassicMoved(group));
        return plan.decide(reply);
    }
}
