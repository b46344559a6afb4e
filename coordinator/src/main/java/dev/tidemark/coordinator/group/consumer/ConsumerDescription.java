package dev.tidemark.coordinator.group.consumer;

import dev.tidemark.coordinator.group.MetadataView;
import dev.tidemark.protocol.message.ConsumerGroupDescribeResponse;
import java.util.ArrayList;
import java.util.List;

/// A consumer group as ConsumerGroupDescribe shows it.
public final class ConsumerDescription {
    private static final int CLASSIC_MEMBER = 0;
    private static final int CONSUMER_MEMBER = 1;

    private ConsumerDescription() {}

    public static ConsumerGroupDescribeResponse.DescribedGroup describe(ConsumerGroup group, ConsumerEnv env) {
        List<ConsumerGroupDescribeResponse.Member> members = new ArrayList<>();
        for (ConsumerMember member : group.members().values()) members.add(describe(group, member, env.metadata()));
        return ConsumerGroupDescribeResponse.DescribedGroup.builder()
                .groupId(env.groupId())
                .groupState(group.stateLabel())
                .groupEpoch(group.groupEpoch())
                .assignmentEpoch(group.assignmentEpoch())
                .assignorName(ConsumerDraft.assignorName(group, env))
                .members(members)
                .build();
    }

    private static ConsumerGroupDescribeResponse.Member describe(
            ConsumerGroup group, ConsumerMember member, MetadataView metadata) {
        Subscription subscription = member.subscription();
        return ConsumerGroupDescribeResponse.Member.builder()
                .memberId(member.memberId())
                .instanceId(subscription.instanceId())
                .rackId(subscription.rackId())
                .memberEpoch(member.epoch())
                .clientId(subscription.clientId())
                .clientHost(subscription.clientHost())
                .subscribedTopicNames(subscription.topics())
                .subscribedTopicRegex(subscription.regex())
                .assignment(describe(member.current().assigned().partitions(), metadata))
                .targetAssignment(describe(group.target(member.memberId()), metadata))
                .memberType(member.isClassic() ? CLASSIC_MEMBER : CONSUMER_MEMBER)
                .build();
    }

    /// Topics that do not exist any more are left out.
    private static ConsumerGroupDescribeResponse.Assignment describe(Assignment assignment, MetadataView metadata) {
        List<ConsumerGroupDescribeResponse.TopicPartitions> topics = new ArrayList<>();
        for (var one : assignment.topics().entrySet()) {
            MetadataView.Topic topic = metadata.topic(one.getKey());
            if (topic == null) continue;
            topics.add(ConsumerGroupDescribeResponse.TopicPartitions.builder()
                    .topicId(one.getKey())
                    .topicName(topic.name())
                    .partitions(one.getValue())
                    .build());
        }
        return ConsumerGroupDescribeResponse.Assignment.builder()
                .topicPartitions(topics)
                .build();
    }
}
