package dev.tidemark.coordinator.group.consumer;

import dev.tidemark.base.Uuid;
import dev.tidemark.coordinator.group.GroupFact;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.pcollections.HashTreePMap;
import org.pcollections.PMap;
import org.pcollections.PSortedMap;
import org.pcollections.TreePMap;

/// The immutable state of a consumer group; [#with] a fact gives the next one, live and on reload.
///
/// @param groupEpoch rises with whatever asks for a new assignment; 0 for a group that never had a member
/// @param metadataHash over the subscribed topics, as of `groupEpoch`
/// @param assignmentEpoch the group epoch that the targets were made for
/// @param members by member id
/// @param staticMembers member id by instance id
/// @param targets what each member shall have, by member id
/// @param regexes by their text
/// @param owners who holds each partition, also one that it was told to give up
public record ConsumerGroup(
        int groupEpoch,
        long metadataHash,
        int assignmentEpoch,
        long assignmentTimestampMs,
        PSortedMap<String, ConsumerMember> members,
        PMap<String, String> staticMembers,
        PSortedMap<String, Assignment> targets,
        PSortedMap<String, ResolvedRegex> regexes,
        PMap<TopicIdPartition, String> owners,
        SoftState soft) {

    public static final ConsumerGroup NEW = new ConsumerGroup(
            0,
            0,
            0,
            0,
            TreePMap.empty(),
            HashTreePMap.empty(),
            TreePMap.empty(),
            TreePMap.empty(),
            HashTreePMap.empty(),
            SoftState.NEW);

    public @Nullable ConsumerMember member(String memberId) {
        return members.get(memberId);
    }

    public @Nullable ConsumerMember staticMember(String instanceId) {
        String memberId = staticMembers.get(instanceId);
        return memberId == null ? null : members.get(memberId);
    }

    public Assignment target(String memberId) {
        return targets.getOrDefault(memberId, Assignment.NONE);
    }

    /// Whether nobody but `memberId` holds the partition.
    boolean isFreeFor(String memberId, Uuid topic, int partition) {
        String owner = owners.get(new TopicIdPartition(topic, partition));
        return owner == null || owner.equals(memberId);
    }

    /// What ListGroups and ConsumerGroupDescribe call it.
    public String stateLabel() {
        if (members.isEmpty()) return "Empty";
        if (groupEpoch > assignmentEpoch) return "Assigning";
        for (ConsumerMember member : members.values())
            if (!member.current().isReconciledTo(assignmentEpoch)) return "Reconciling";
        return "Stable";
    }

    /// All topics that members name, or find by a regular expression.
    public SortedSet<String> subscribedTopics() {
        SortedSet<String> topics = new TreeSet<>();
        for (ConsumerMember member : members.values()) topics.addAll(topicsOf(member.subscription()));
        return topics;
    }

    SortedSet<String> topicsOf(Subscription subscription) {
        SortedSet<String> topics = new TreeSet<>(subscription.topics());
        ResolvedRegex resolved = resolved(subscription);
        if (resolved != null) topics.addAll(resolved.topics());
        return topics;
    }

    private @Nullable ResolvedRegex resolved(Subscription subscription) {
        String regex = subscription.regex();
        return regex == null ? null : regexes.get(regex);
    }

    /// The regular expressions in use, and by how many members.
    SortedMap<String, Integer> subscribedRegexes() {
        SortedMap<String, Integer> counts = new TreeMap<>();
        for (ConsumerMember member : members.values()) {
            String regex = member.subscription().regex();
            if (regex != null && !regex.isEmpty()) counts.merge(regex, 1, Integer::sum);
        }
        return counts;
    }

    boolean allSpeakClassic() {
        for (ConsumerMember member : members.values()) if (!member.isClassic()) return false;
        return true;
    }

    /// The next state. Facts of other kinds change nothing here.
    public ConsumerGroup with(GroupFact fact) {
        return switch (fact) {
            case GroupFact.MemberSubscribed(var memberId, var subscription) -> withSubscription(memberId, subscription);
            case GroupFact.MemberForgotten(var memberId) -> withoutMember(memberId);
            case GroupFact.EpochBumped(var epoch, var hash) -> withEpoch(epoch, hash);
            case GroupFact.TargetSet(var memberId, var target) -> withTargets(targets.plus(memberId, target));
            case GroupFact.TargetForgotten(var memberId) -> withTargets(targets.minus(memberId));
            case GroupFact.TargetEpochSet(var epoch, var timestampMs) -> withTargetEpoch(epoch, timestampMs);
            case GroupFact.TargetEpochForgotten() -> withTargetEpoch(0, 0);
            case GroupFact.CurrentSet(var memberId, var current) -> withCurrent(memberId, current);
            case GroupFact.CurrentForgotten(var memberId) ->
                members.containsKey(memberId) ? withCurrent(memberId, CurrentAssignment.NEW) : this;
            case GroupFact.RegexSet(var regex, var resolved) -> withRegexes(regexes.plus(regex, resolved));
            case GroupFact.RegexForgotten(var regex) -> withRegexes(regexes.minus(regex));
            case GroupFact.SoftChanged(var newSoft) -> withSoft(newSoft);
            case GroupFact.ConsumerForgotten(),
                    GroupFact.ClassicMoved(var _),
                    GroupFact.ClassicSaved(var _),
                    GroupFact.ClassicForgotten(),
                    GroupFact.OffsetCommitted(var _, var _, var _),
                    GroupFact.OffsetPending(var _, var _, var _, var _),
                    GroupFact.OffsetForgotten(var _, var _) -> this;
        };
    }

    private ConsumerGroup withSubscription(String memberId, Subscription subscription) {
        ConsumerMember old = members.get(memberId);
        ConsumerMember member = (old == null ? ConsumerMember.fresh(memberId) : old).with(subscription);
        PMap<String, String> statics = staticMembers;
        if (subscription.instanceId() != null) statics = statics.plus(subscription.instanceId(), memberId);
        return withMembers(members.plus(memberId, member), statics, owners);
    }

    private ConsumerGroup withoutMember(String memberId) {
        ConsumerMember member = members.get(memberId);
        if (member == null) return this;
        PMap<String, String> statics = staticMembers;
        String instanceId = member.subscription().instanceId();
        if (instanceId != null && memberId.equals(statics.get(instanceId))) statics = statics.minus(instanceId);
        return withMembers(members.minus(memberId), statics, released(owners, memberId, member.current()));
    }

    /// On reload a current assignment may come before the subscription: compaction keeps the newest of each.
    private ConsumerGroup withCurrent(String memberId, CurrentAssignment current) {
        ConsumerMember old = members.get(memberId);
        ConsumerMember member = old == null ? ConsumerMember.fresh(memberId) : old;
        PMap<TopicIdPartition, String> next = released(owners, memberId, member.current());
        next = taken(taken(next, memberId, current.assigned()), memberId, current.pendingRevocation());
        return withMembers(members.plus(memberId, member.with(current)), staticMembers, next);
    }

    private static PMap<TopicIdPartition, String> taken(
            PMap<TopicIdPartition, String> owners, String memberId, EpochedPartitions partitions) {
        PMap<TopicIdPartition, String> next = owners;
        for (var topic : partitions.topics().entrySet())
            for (int partition : topic.getValue().keySet())
                next = next.plus(new TopicIdPartition(topic.getKey(), partition), memberId);
        return next;
    }

    private static PMap<TopicIdPartition, String> released(
            PMap<TopicIdPartition, String> owners, String memberId, CurrentAssignment current) {
        PMap<TopicIdPartition, String> next = released(owners, memberId, current.assigned());
        return released(next, memberId, current.pendingRevocation());
    }

    private static PMap<TopicIdPartition, String> released(
            PMap<TopicIdPartition, String> owners, String memberId, EpochedPartitions partitions) {
        PMap<TopicIdPartition, String> next = owners;
        for (var topic : partitions.topics().entrySet()) {
            for (int partition : topic.getValue().keySet()) {
                TopicIdPartition one = new TopicIdPartition(topic.getKey(), partition);
                if (memberId.equals(next.get(one))) next = next.minus(one);
            }
        }
        return next;
    }

    private ConsumerGroup withMembers(
            PSortedMap<String, ConsumerMember> newMembers,
            PMap<String, String> newStatics,
            PMap<TopicIdPartition, String> newOwners) {
        return new ConsumerGroup(
                groupEpoch,
                metadataHash,
                assignmentEpoch,
                assignmentTimestampMs,
                newMembers,
                newStatics,
                targets,
                regexes,
                newOwners,
                soft);
    }

    private ConsumerGroup withEpoch(int epoch, long hash) {
        return new ConsumerGroup(
                epoch,
                hash,
                assignmentEpoch,
                assignmentTimestampMs,
                members,
                staticMembers,
                targets,
                regexes,
                owners,
                soft);
    }

    private ConsumerGroup withTargetEpoch(int epoch, long timestampMs) {
        return new ConsumerGroup(
                groupEpoch, metadataHash, epoch, timestampMs, members, staticMembers, targets, regexes, owners, soft);
    }

    private ConsumerGroup withTargets(PSortedMap<String, Assignment> newTargets) {
        return new ConsumerGroup(
                groupEpoch,
                metadataHash,
                assignmentEpoch,
                assignmentTimestampMs,
                members,
                staticMembers,
                newTargets,
                regexes,
                owners,
                soft);
    }

    private ConsumerGroup withRegexes(PSortedMap<String, ResolvedRegex> newRegexes) {
        return new ConsumerGroup(
                groupEpoch,
                metadataHash,
                assignmentEpoch,
                assignmentTimestampMs,
                members,
                staticMembers,
                targets,
                newRegexes,
                owners,
                soft);
    }

    private ConsumerGroup withSoft(SoftState newSoft) {
        return new ConsumerGroup(
                groupEpoch,
                metadataHash,
                assignmentEpoch,
                assignmentTimestampMs,
                members,
                staticMembers,
                targets,
                regexes,
                owners,
                newSoft);
    }
}
