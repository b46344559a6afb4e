package dev.tidemark.coordinator.group.classic;

import dev.tidemark.base.Bytes;
import dev.tidemark.coordinator.group.GroupInput;
import dev.tidemark.protocol.ErrorCode;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// From one generation to the next.
final class Rebalance {
    private Rebalance() {}

    /// Begins a rebalance unless one is waiting for members already; then, or if all are there, it may end at
    /// once.
    static void prepareOrComplete(ClassicDraft draft) {
        if (draft.group.is(ClassicState.PREPARING_REBALANCE)) completeIfAllJoined(draft);
        else prepare(draft);
    }

    static void prepare(ClassicDraft draft) {
        if (draft.group.is(ClassicState.COMPLETING_REBALANCE)) giveUpGeneration(draft);
        boolean isFirst = draft.group.is(ClassicState.EMPTY);
        draft.moveTo(ClassicState.PREPARING_REBALANCE);
        int timeoutMs = draft.group.rebalanceTimeoutMs();
        if (isFirst) {
            int delayMs = draft.config.initialRebalanceDelayMs();
            draft.group = draft.group.withInitialDelay(true, false);
            delay(draft, delayMs, Math.max(0, timeoutMs - delayMs));
        } else {
            awaitMembers(draft);
            completeIfAllJoined(draft);
        }
    }

    private static void giveUpGeneration(ClassicDraft draft) {
        draft.plan.cancelTimer(ClassicDraft.SYNC_TIMER);
        draft.group = draft.group
                .mapMembers(member -> {
                    draft.plan.respond(member.syncWaiter(), ClassicReplies.syncError(ErrorCode.REBALANCE_IN_PROGRESS));
                    if (member.awaitsSync()) draft.startSession(member);
                    return member.withAssignment(Bytes.EMPTY).withWaiters(member.joinWaiter(), 0);
                })
                .withPendingSyncs(List.of());
    }

    private static void delay(ClassicDraft draft, long delayMs, long remainingMs) {
        draft.plan.startTimer(ClassicDraft.REBALANCE_TIMER, delayMs, new GroupInput.InitialDelayOver(remainingMs));
    }

    private static void awaitMembers(ClassicDraft draft) {
        draft.plan.startTimer(
                ClassicDraft.REBALANCE_TIMER,
                draft.group.rebalanceTimeoutMs(),
                new GroupInput.JoinTimedOut(draft.group.generationId()));
    }

    /// The first rebalance waits on as long as new members come, so that a group that starts up has one rebalance
    /// and not one per member.
    static void onInitialDelayOver(ClassicDraft draft, long remainingMs) {
        ClassicGroup group = draft.group;
        if (!group.is(ClassicState.PREPARING_REBALANCE) || !group.isInitialDelay()) return;
        if (group.joinedWhileWaiting() && remainingMs > 0) {
            draft.group = group.withInitialDelay(true, false);
            long delayMs = Math.min(draft.config.initialRebalanceDelayMs(), remainingMs);
            delay(draft, delayMs, Math.max(0, remainingMs - delayMs));
        } else {
            complete(draft);
        }
    }

    static void onJoinTimedOut(ClassicDraft draft, int generationId) {
        if (draft.group.is(ClassicState.PREPARING_REBALANCE) && draft.group.generationId() == generationId)
            complete(draft);
    }

    /// A group that its last member has left is empty at once, so that its offsets may be set and it may be deleted:
    /// nobody is there to wait for, and who was only given a member id may never come.
    static void completeIfAllJoined(ClassicDraft draft) {
        ClassicGroup group = draft.group;
        if (!group.is(ClassicState.PREPARING_REBALANCE)) return;
        boolean isReady = !group.isInitialDelay() && group.allHaveJoined();
        if (isReady || group.members().isEmpty()) complete(draft);
    }

    /// Those who have joined make up the next generation. Static members stay in it even if they have not: they
    /// may be restarting.
    private static void complete(ClassicDraft draft) {
        for (ClassicMember member : new ArrayList<>(draft.group.members().values())) {
            if (member.awaitsJoin() || member.isStatic()) continue;
            draft.group = draft.group.withoutMember(member.memberId());
            draft.stopSession(member.memberId());
        }
        if (draft.group.members().isEmpty()) {
            becomeEmpty(draft);
            return;
        }
        String leader = electLeader(draft.group);
        if (leader == null) {
            awaitMembers(draft);
            return;
        }
        draft.plan.cancelTimer(ClassicDraft.REBALANCE_TIMER);
        draft.group = draft.group
                .withLeader(leader)
                .withGeneration(draft.group.generationId() + 1, draft.group.selectProtocol());
        draft.moveTo(ClassicState.COMPLETING_REBALANCE);
        beginGeneration(draft);
    }

    private static void becomeEmpty(ClassicDraft draft) {
        draft.plan.cancelTimer(ClassicDraft.REBALANCE_TIMER);
        draft.group = draft.group.withLeader(null).withGeneration(draft.group.generationId() + 1, null);
        draft.moveTo(ClassicState.EMPTY);
        draft.save();
    }

    /// The old leader where it has joined, else the first who has.
    private static @Nullable String electLeader(ClassicGroup group) {
        ClassicMember old = group.leaderId() == null ? null : group.member(group.leaderId());
        if (old != null && old.awaitsJoin()) return old.memberId();
        for (ClassicMember member : group.members().values()) if (member.awaitsJoin()) return member.memberId();
        return null;
    }

    private static void beginGeneration(ClassicDraft draft) {
        ClassicGroup generation = draft.group;
        draft.group = generation
                .mapMembers(member -> {
                    draft.plan.respond(member.joinWaiter(), ClassicReplies.joined(generation, member.memberId()));
                    ClassicMember told =
                            member.withWaiters(0, member.syncWaiter()).known();
                    draft.startSession(told);
                    return told;
                })
                .withPendingSyncs(generation.members().keySet());
        draft.plan.startTimer(
                ClassicDraft.SYNC_TIMER,
                generation.rebalanceTimeoutMs(),
                new GroupInput.SyncTimedOut(generation.generationId()));
    }

    /// Who has not asked for its assignment in time is out.
    static void onSyncTimedOut(ClassicDraft draft, int generationId) {
        ClassicGroup group = draft.group;
        if (group.generationId() != generationId || group.pendingSyncs().isEmpty()) return;
        if (group.is(ClassicState.EMPTY) || group.is(ClassicState.PREPARING_REBALANCE)) return;
        for (String memberId : new ArrayList<>(group.pendingSyncs().keySet())) {
            draft.group = draft.group.withoutMember(memberId);
            draft.stopSession(memberId);
        }
        draft.group = draft.group.withPendingSyncs(List.of());
        prepare(draft);
    }

    /// After a member is gone.
    static void onMemberGone(ClassicDraft draft) {
        switch (draft.group.state()) {
            case STABLE, COMPLETING_REBALANCE -> prepare(draft);
            case PREPARING_REBALANCE -> completeIfAllJoined(draft);
            case EMPTY -> {}
        }
    }
}
