package dev.tidemark.coordinator.group.consumer;

import dev.tidemark.base.Uuid;
import java.util.function.BiPredicate;
import org.jspecify.annotations.Nullable;

/// Takes a member one step from what it has to what it shall have: it first gives up what is not in its target
/// any more, staying in its epoch; then it moves to the target's epoch and gets what nobody else holds; what
/// others still hold it gets later. So no partition ever has two owners.
final class Reconciliation {
    private final ConsumerMember member;
    private final int targetEpoch;
    private final Assignment target;
    private final BiPredicate<Uuid, Integer> isFree;
    private final @Nullable Assignment owned;

    /// @param isFree whether nobody but the member holds a partition
    /// @param owned what the member says it holds; null where the heartbeat does not tell
    Reconciliation(
            ConsumerMember member,
            int targetEpoch,
            Assignment target,
            BiPredicate<Uuid, Integer> isFree,
            @Nullable Assignment owned) {
        this.member = member;
        this.targetEpoch = targetEpoch;
        this.target = target;
        this.isFree = isFree;
        this.owned = owned;
    }

    /// The member's next current assignment; the same where it cannot move.
    CurrentAssignment next() {
        CurrentAssignment current = member.current();
        return switch (current.state()) {
            case STABLE -> current.memberEpoch() == targetEpoch ? current : step();
            case UNREVOKED_PARTITIONS -> stillOwnsAny(current.pendingRevocation()) ? current : step();
            case UNRELEASED_PARTITIONS, UNKNOWN -> step();
        };
    }

    private CurrentAssignment step() {
        CurrentAssignment current = member.current();
        EpochedPartitions kept =
                EpochedPartitions.build(builder -> current.assigned().forEach((topic, partition, epoch) -> {
                    if (target.contains(topic, partition)) builder.add(topic, partition, epoch);
                }));
        EpochedPartitions revoked =
                EpochedPartitions.build(builder -> current.assigned().forEach((topic, partition, epoch) -> {
                    if (!target.contains(topic, partition)) builder.add(topic, partition, epoch);
                }));
        if (!revoked.isEmpty() && stillOwnsAny(revoked))
            return current.moved(MemberState.UNREVOKED_PARTITIONS, current.memberEpoch(), kept, revoked);
        return advance(current, kept);
    }

    private CurrentAssignment advance(CurrentAssignment current, EpochedPartitions kept) {
        boolean[] waits = {false};
        EpochedPartitions assigned = EpochedPartitions.build(builder -> {
            kept.forEach(builder::add);
            target.forEach((topic, partition) -> {
                if (kept.contains(topic, partition)) return;
                if (isFree.test(topic, partition)) builder.add(topic, partition, targetEpoch);
                else waits[0] = true;
            });
        });
        MemberState state = waits[0] ? MemberState.UNRELEASED_PARTITIONS : MemberState.STABLE;
        CurrentAssignment next = current.moved(state, targetEpoch, assigned, EpochedPartitions.NONE);
        return next.equals(current) ? current : next;
    }

    /// Who does not say what it holds may hold anything.
    private boolean stillOwnsAny(EpochedPartitions partitions) {
        if (owned == null) return true;
        for (var topic : owned.topics().entrySet())
            for (int partition : topic.getValue()) if (partitions.contains(topic.getKey(), partition)) return true;
        return false;
    }
}
