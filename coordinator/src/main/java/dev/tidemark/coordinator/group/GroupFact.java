package dev.tidemark.coordinator.group;

import dev.tidemark.coordinator.group.classic.ClassicGroup;
import dev.tidemark.coordinator.group.consumer.Assignment;
import dev.tidemark.coordinator.group.consumer.CurrentAssignment;
import dev.tidemark.coordinator.group.consumer.ResolvedRegex;
import dev.tidemark.coordinator.group.consumer.SoftState;
import dev.tidemark.coordinator.group.consumer.Subscription;
import dev.tidemark.coordinator.group.offsets.CommittedOffset;

/// What changes in a group. All but the soft ones are records of the offsets topic, one each; the *forgotten* are its
/// tombstones.
public sealed interface GroupFact {
    record OffsetCommitted(String topic, int partition, CommittedOffset offset) implements GroupFact {}

    /// Counts once the producer's transaction is committed.
    record OffsetPending(long producerId, String topic, int partition, CommittedOffset offset) implements GroupFact {}

    record OffsetForgotten(String topic, int partition) implements GroupFact {}

    /// Soft: a step between two generations.
    record ClassicMoved(ClassicGroup next) implements GroupFact {}

    record ClassicSaved(ClassicGroup next) implements GroupFact {}

    record ClassicForgotten() implements GroupFact {}

    record MemberSubscribed(String memberId, Subscription subscription) implements GroupFact {}

    record MemberForgotten(String memberId) implements GroupFact {}

    /// @param metadataHash over the subscribed topics
    record EpochBumped(int epoch, long metadataHash) implements GroupFact {}

    record ConsumerForgotten() implements GroupFact {}

    record TargetSet(String memberId, Assignment target) implements GroupFact {}

    record TargetForgotten(String memberId) implements GroupFact {}

    record TargetEpochSet(int epoch, long timestampMs) implements GroupFact {}

    record TargetEpochForgotten() implements GroupFact {}

    record CurrentSet(String memberId, CurrentAssignment current) implements GroupFact {}

    record CurrentForgotten(String memberId) implements GroupFact {}

    record RegexSet(String regex, ResolvedRegex resolved) implements GroupFact {}

    record RegexForgotten(String regex) implements GroupFact {}

    /// Soft: when the group last looked at the world.
    record SoftChanged(SoftState soft) implements GroupFact {}
}
