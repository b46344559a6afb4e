package dev.tidemark.coordinator.group;

import dev.tidemark.base.Uuid;
import dev.tidemark.coordinator.group.classic.ClassicGroup;
import dev.tidemark.coordinator.group.classic.ClassicMember;
import dev.tidemark.coordinator.group.consumer.Assignment;
import dev.tidemark.coordinator.group.consumer.CurrentAssignment;
import dev.tidemark.coordinator.group.consumer.EpochedPartitions;
import dev.tidemark.coordinator.group.consumer.MemberState;
import dev.tidemark.coordinator.group.consumer.Subscription;
import dev.tidemark.coordinator.group.offsets.CommittedOffset;
import dev.tidemark.protocol.internaltopic.ConsumerGroupCurrentMemberAssignmentValue;
import dev.tidemark.protocol.internaltopic.ConsumerGroupMemberMetadataValue;
import dev.tidemark.protocol.internaltopic.ConsumerGroupTargetAssignmentMemberValue;
import dev.tidemark.protocol.internaltopic.GroupMetadataValue;
import dev.tidemark.protocol.internaltopic.OffsetCommitValue;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.pcollections.HashTreePMap;
import org.pcollections.PMap;
import org.pcollections.PSortedMap;
import org.pcollections.TreePMap;

/// The values of the offsets topic's records, to and from what groups are made of.
final class RecordValues {
    private RecordValues() {}

    static OffsetCommitValue offset(CommittedOffset offset) {
        return OffsetCommitValue.builder()
                .offset(offset.offset())
                .leaderEpoch(offset.leaderEpoch())
                .metadata(offset.metadata())
                .commitTimestamp(offset.commitTimestampMs())
                .expireTimestamp(offset.expireTimestampMs())
                .topicId(offset.topicId())
                .build();
    }

    static CommittedOffset offset(OffsetCommitValue value) {
        return new CommittedOffset(
                value.offset(),
                value.leaderEpoch(),
                value.metadata(),
                value.commitTimestamp(),
                value.expireTimestamp(),
                value.topicId());
    }

    static GroupMetadataValue group(ClassicGroup group) {
        List<GroupMetadataValue.MemberMetadata> members = new ArrayList<>();
        for (ClassicMember member : group.members().values()) {
            members.add(GroupMetadataValue.MemberMetadata.builder()
                    .memberId(member.memberId())
                    .groupInstanceId(member.instanceId())
                    .clientId(member.clientId())
                    .clientHost(member.clientHost())
                    .rebalanceTimeout(member.rebalanceTimeoutMs())
                    .sessionTimeout(member.sessionTimeoutMs())
                    .subscription(member.metadata(group.protocolName()))
                    .assignment(member.assignment())
                    .build());
        }
        return GroupMetadataValue.builder()
                .protocolType(group.protocolType() == null ? "" : group.protocolType())
                .generation(group.generationId())
                .protocol(group.protocolName())
                .leader(group.leaderId())
                .currentStateTimestamp(group.stateSinceMs())
                .members(members)
                .build();
    }

    /// The record has each member's metadata of the chosen protocol only: the rest comes back when the member
    /// joins again.
    static ClassicGroup group(GroupMetadataValue value) {
        PSortedMap<String, ClassicMember> members = TreePMap.empty();
        PMap<String, String> statics = HashTreePMap.empty();
        for (GroupMetadataValue.MemberMetadata member : value.members()) {
            String instanceId = member.groupInstanceId();
            if (instanceId != null) statics = statics.plus(instanceId, member.memberId());
            members = members.plus(member.memberId(), member(value.protocol(), member));
        }
        return ClassicGroup.loaded(
                value.currentStateTimestamp(),
                value.protocolType(),
                value.protocol(),
                value.leader(),
                value.generation(),
                members,
                statics);
    }

    private static ClassicMember member(@Nullable String protocol, GroupMetadataValue.MemberMetadata member) {
        List<ClassicMember.Protocol> protocols =
                protocol == null ? List.of() : List.of(new ClassicMember.Protocol(protocol, member.subscription()));
        return new ClassicMember(
                member.memberId(),
                member.groupInstanceId(),
                member.clientId(),
                member.clientHost(),
                member.rebalanceTimeout() == -1 ? member.sessionTimeout() : member.rebalanceTimeout(),
                member.sessionTimeout(),
                protocols,
                member.assignment(),
                0,
                0,
                false);
    }

    static ConsumerGroupMemberMetadataValue member(Subscription subscription) {
        Subscription.Classic classic = subscription.classic();
        return ConsumerGroupMemberMetadataValue.builder()
                .instanceId(subscription.instanceId())
                .rackId(subscription.rackId())
                .clientId(subscription.clientId())
                .clientHost(subscription.clientHost())
                .subscribedTopicNames(subscription.topics())
                .subscribedTopicRegex(subscription.regex())
                .rebalanceTimeoutMs(subscription.rebalanceTimeoutMs())
                .serverAssignor(subscription.assignor())
                .classicMemberMetadata(classic == null ? null : classic(classic))
                .build();
    }

    private static ConsumerGroupMemberMetadataValue.ClassicMemberMetadata classic(Subscription.Classic classic) {
        List<ConsumerGroupMemberMetadataValue.ClassicProtocol> protocols = new ArrayList<>();
        for (Subscription.Protocol protocol : classic.protocols())
            protocols.add(new ConsumerGroupMemberMetadataValue.ClassicProtocol(protocol.name(), protocol.metadata()));
        return ConsumerGroupMemberMetadataValue.ClassicMemberMetadata.builder()
                .sessionTimeoutMs(classic.sessionTimeoutMs())
                .supportedProtocols(protocols)
                .build();
    }

    static Subscription member(ConsumerGroupMemberMetadataValue value) {
        ConsumerGroupMemberMetadataValue.ClassicMemberMetadata classic = value.classicMemberMetadata();
        List<Subscription.Protocol> protocols = new ArrayList<>();
        if (classic != null)
            for (ConsumerGroupMemberMetadataValue.ClassicProtocol protocol : classic.supportedProtocols())
                protocols.add(new Subscription.Protocol(protocol.name(), protocol.metadata()));
        return new Subscription(
                value.instanceId(),
                value.rackId(),
                value.rebalanceTimeoutMs(),
                value.clientId(),
                value.clientHost(),
                value.subscribedTopicNames(),
                value.subscribedTopicRegex(),
                value.serverAssignor(),
                classic == null ? null : new Subscription.Classic(classic.sessionTimeoutMs(), protocols));
    }

    static ConsumerGroupTargetAssignmentMemberValue target(Assignment target) {
        List<ConsumerGroupTargetAssignmentMemberValue.TopicPartition> topics = new ArrayList<>();
        target.topics()
                .forEach((topic, partitions) ->
                        topics.add(new ConsumerGroupTargetAssignmentMemberValue.TopicPartition(topic, partitions)));
        return ConsumerGroupTargetAssignmentMemberValue.builder()
                .topicPartitions(topics)
                .build();
    }

    static Assignment target(ConsumerGroupTargetAssignmentMemberValue value) {
        Map<Uuid, List<Integer>> topics = new HashMap<>();
        for (ConsumerGroupTargetAssignmentMemberValue.TopicPartition topic : value.topicPartitions())
            topics.put(topic.topicId(), topic.partitions());
        return Assignment.of(topics);
    }

    static ConsumerGroupCurrentMemberAssignmentValue current(CurrentAssignment current) {
        return ConsumerGroupCurrentMemberAssignmentValue.builder()
                .memberEpoch(current.memberEpoch())
                .previousMemberEpoch(current.previousMemberEpoch())
                .state(current.state().code())
                .assignedPartitions(partitions(current.assigned()))
                .partitionsPendingRevocation(partitions(current.pendingRevocation()))
                .build();
    }

    private static List<ConsumerGroupCurrentMemberAssignmentValue.TopicPartitions> partitions(
            EpochedPartitions partitions) {
        List<ConsumerGroupCurrentMemberAssignmentValue.TopicPartitions> topics = new ArrayList<>();
        partitions
                .topics()
                .forEach((topic, epochs) ->
                        topics.add(ConsumerGroupCurrentMemberAssignmentValue.TopicPartitions.builder()
                                .topicId(topic)
                                .partitions(List.copyOf(epochs.keySet()))
                                .assignmentEpochs(List.copyOf(epochs.values()))
                                .build()));
        return topics;
    }

    static CurrentAssignment current(ConsumerGroupCurrentMemberAssignmentValue value) {
        return new CurrentAssignment(
                MemberState.forCode(value.state()),
                value.memberEpoch(),
                value.previousMemberEpoch(),
                partitions(value.assignedPartitions(), value.memberEpoch()),
                partitions(value.partitionsPendingRevocation(), value.memberEpoch()));
    }

    /// Before Kafka 4.3 a record had no epochs of its partitions: then the member's own is the safe one.
    private static EpochedPartitions partitions(
            List<ConsumerGroupCurrentMemberAssignmentValue.TopicPartitions> topics, int memberEpoch) {
        return EpochedPartitions.build(builder -> {
            for (ConsumerGroupCurrentMemberAssignmentValue.TopicPartitions topic : topics) {
                List<Integer> epochs = topic.assignmentEpochs();
                for (int i = 0; i < topic.partitions().size(); i++) {
                    boolean known = epochs != null && i < epochs.size();
                    builder.add(topic.topicId(), topic.partitions().get(i), known ? epochs.get(i) : memberEpoch);
                }
            }
        });
    }
}
