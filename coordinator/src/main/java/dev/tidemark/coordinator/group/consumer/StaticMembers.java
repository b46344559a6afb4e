package dev.tidemark.coordinator.group.consumer;

import dev.tidemark.coordinator.group.GroupFact;
import dev.tidemark.protocol.ErrorCode;

/// Members with an instance id: a restarted one takes over what its former self had.
final class StaticMembers {
    private StaticMembers() {}

    /// The member of the same instance under `newId`, with the former's subscription, target and partitions, in
    /// epoch 0. The former is gone, and fenced. Nothing happens where it is the same member.
    static ConsumerMember replace(ConsumerDraft draft, ConsumerMember old, String newId) {
        if (old.memberId().equals(newId)) return old;
        Assignment target = draft.group.target(old.memberId());
        CurrentAssignment current =
                new CurrentAssignment(MemberState.STABLE, 0, 0, old.current().assigned(), EpochedPartitions.NONE);
        draft.add(new GroupFact.MemberSubscribed(newId, old.subscription()));
        draft.remove(old);
        draft.add(new GroupFact.TargetSet(newId, target));
        draft.add(new GroupFact.CurrentSet(newId, current));
        return draft.member(newId);
    }

    static Refusal fenced(String memberId, String instanceId, String holder) {
        return new Refusal(
                ErrorCode.FENCED_INSTANCE_ID,
                "Static member " + memberId + " with instance id " + instanceId + " was fenced by member " + holder
                        + ".");
    }
}
