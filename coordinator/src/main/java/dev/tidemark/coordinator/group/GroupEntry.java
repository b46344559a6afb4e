package dev.tidemark.coordinator.group;

import dev.tidemark.coordinator.group.classic.ClassicGroup;
import dev.tidemark.coordinator.group.consumer.ConsumerGroup;
import dev.tidemark.coordinator.group.offsets.GroupOffsets;
import dev.tidemark.coordinator.group.offsets.PendingOffsets;
import org.jspecify.annotations.Nullable;

/// What is known under one group id. Mutable; owner: the shard's serial.
final class GroupEntry {
    private @Nullable Group group;
    private final GroupOffsets offsets = new GroupOffsets();
    private final PendingOffsets pending = new PendingOffsets();

    @Nullable
    Group group() {
        return group;
    }

    @Nullable
    ClassicGroup classic() {
        return group instanceof Group.Classic(var state) ? state : null;
    }

    @Nullable
    ConsumerGroup consumer() {
        return group instanceof Group.Consumer(var state) ? state : null;
    }

    GroupOffsets offsets() {
        return offsets;
    }

    PendingOffsets pending() {
        return pending;
    }

    /// Whether nothing is left to know.
    boolean isVoid() {
        return offsets.isEmpty() && pending.isEmpty() && group == null;
    }

    /// Like [#apply] of what the producer's transaction brought, or of nothing.
    void endTransaction(long producerId, boolean commit) {
        pending.end(producerId, commit, offsets);
    }

    /// The only mutator. On reload the newest record tells what kind of group it is; tombstones of the other kind are
    /// history.
    void apply(GroupFact fact) {
        switch (fact) {
            case GroupFact.OffsetCommitted(var topic, var partition, var offset) -> {
                offsets.put(topic, partition, offset);
                pending.forget(topic, partition);
            }
            case GroupFact.OffsetPending(var producerId, var topic, var partition, var offset) ->
                pending.put(producerId, topic, partition, offset);
            case GroupFact.OffsetForgotten(var topic, var partition) -> {
                offsets.remove(topic, partition);
                pending.forget(topic, partition);
            }
            case GroupFact.ClassicMoved(var next) -> setClassic(next);
            case GroupFact.ClassicSaved(var next) -> setClassic(next);
            case GroupFact.ClassicForgotten() -> {
                if (group instanceof Group.Classic) group = null;
            }
            case GroupFact.ConsumerForgotten() -> {
                if (group instanceof Group.Consumer) group = null;
            }
            case GroupFact.MemberForgotten(var _),
                    GroupFact.TargetForgotten(var _),
                    GroupFact.TargetEpochForgotten(),
                    GroupFact.CurrentForgotten(var _),
                    GroupFact.RegexForgotten(var _),
                    GroupFact.SoftChanged(var _) -> {
                ConsumerGroup consumer = consumer();
                if (consumer != null) group = new Group.Consumer(consumer.with(fact));
            }
            case GroupFact.MemberSubscribed(var _, var _),
                    GroupFact.EpochBumped(var _, var _),
                    GroupFact.TargetSet(var _, var _),
                    GroupFact.TargetEpochSet(var _, var _),
                    GroupFact.CurrentSet(var _, var _),
                    GroupFact.RegexSet(var _, var _) -> {
                ConsumerGroup consumer = consumer();
                group = new Group.Consumer((consumer == null ? ConsumerGroup.NEW : consumer).with(fact));
            }
        }
    }

    private void setClassic(ClassicGroup next) {
        Group.Classic classic = new Group.Classic(next);
        group = classic.isVoid() ? null : classic;
    }
}
