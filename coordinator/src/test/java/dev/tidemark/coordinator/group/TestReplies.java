package dev.tidemark.coordinator.group;

import dev.tidemark.base.Bytes;
import dev.tidemark.protocol.ErrorCode;
import dev.tidemark.protocol.codec.Reader;
import dev.tidemark.protocol.internaltopic.ConsumerProtocolAssignment;
import dev.tidemark.protocol.message.ConsumerGroupDescribeResponse;
import dev.tidemark.protocol.message.ConsumerGroupHeartbeatResponse;
import dev.tidemark.protocol.message.DescribeGroupsResponse;
import dev.tidemark.protocol.message.JoinGroupResponse;
import dev.tidemark.protocol.message.SyncGroupResponse;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/// Answers in a few words.
final class TestReplies {
    private TestReplies() {}

    static String of(JoinGroupResponse response) {
        ErrorCode error = ErrorCode.forCode(response.errorCode());
        if (error == ErrorCode.MEMBER_ID_REQUIRED) return error + " id=" + response.memberId();
        if (error != ErrorCode.NONE) return error.toString();
        String members = response.members().stream()
                .map(JoinGroupResponse.JoinGroupResponseMember::memberId)
                .collect(Collectors.joining(","));
        return "joined generation=" + response.generationId() + " protocol=" + response.protocolName()
                + " leader=" + (response.leader().isEmpty() ? "-" : response.leader())
                + (members.isEmpty() ? "" : " members=" + members)
                + (response.skipAssignment() ? " skip-assignment" : "");
    }

    static String of(SyncGroupResponse response) {
        ErrorCode error = ErrorCode.forCode(response.errorCode());
        return error == ErrorCode.NONE ? "assigned " + of(partitions(response.assignment())) : error.toString();
    }

    static String of(ConsumerGroupHeartbeatResponse response, World world) {
        ErrorCode error = ErrorCode.forCode(response.errorCode());
        if (error != ErrorCode.NONE) return error + ": " + response.errorMessage();
        String text = "epoch=" + response.memberEpoch();
        return response.assignment() == null
                ? text
                : text + " assigned " + of(partitions(response.assignment(), world));
    }

    static String of(DescribeGroupsResponse.DescribedGroup group) {
        String members = group.members().stream()
                .map(member -> "\n  " + member.memberId()
                        + (member.groupInstanceId() == null ? "" : " instance=" + member.groupInstanceId()) + " "
                        + of(partitions(member.memberAssignment())))
                .collect(Collectors.joining());
        ErrorCode error = ErrorCode.forCode(group.errorCode());
        if (error != ErrorCode.NONE) return group.groupId() + ": " + error + ": " + group.errorMessage();
        return group.groupId() + ": " + group.groupState() + " type=" + group.protocolType() + " protocol="
                + group.protocolData() + members;
    }

    static String of(ConsumerGroupDescribeResponse.DescribedGroup group) {
        ErrorCode error = ErrorCode.forCode(group.errorCode());
        if (error != ErrorCode.NONE) return group.groupId() + ": " + error + ": " + group.errorMessage();
        String members = group.members().stream().map(TestReplies::of).collect(Collectors.joining());
        return group.groupId() + ": " + group.groupState() + " epoch=" + group.groupEpoch() + " assignment="
                + group.assignmentEpoch() + " assignor=" + group.assignorName() + members;
    }

    private static String of(ConsumerGroupDescribeResponse.Member member) {
        return "\n  " + member.memberId() + (member.instanceId() == null ? "" : " instance=" + member.instanceId())
                + (member.memberType() == 0 ? " classic" : "")
                + " epoch=" + member.memberEpoch()
                + " has " + of(partitions(member.assignment()))
                + " target " + of(partitions(member.targetAssignment()));
    }

    static Map<String, List<Integer>> partitions(ConsumerGroupDescribeResponse.Assignment assignment) {
        Map<String, List<Integer>> partitions = new TreeMap<>();
        for (ConsumerGroupDescribeResponse.TopicPartitions topic : assignment.topicPartitions())
            partitions.put(topic.topicName(), topic.partitions());
        return partitions;
    }

    static Map<String, List<Integer>> partitions(ConsumerGroupHeartbeatResponse.Assignment assignment, World world) {
        Map<String, List<Integer>> partitions = new TreeMap<>();
        for (ConsumerGroupHeartbeatResponse.TopicPartitions topic : assignment.topicPartitions()) {
            MetadataView.Topic known = world.topics.view().topic(topic.topicId());
            partitions.put(known == null ? topic.topicId().toString() : known.name(), topic.partitions());
        }
        return partitions;
    }

    static Map<String, List<Integer>> partitions(Bytes assignment) {
        Map<String, List<Integer>> partitions = new TreeMap<>();
        if (assignment.isEmpty()) return partitions;
        Reader reader = new Reader(assignment.asByteBuffer());
        ConsumerProtocolAssignment read = ConsumerProtocolAssignment.read(reader, reader.readShort());
        for (ConsumerProtocolAssignment.TopicPartition topic : read.assignedPartitions())
            partitions.put(topic.topic(), topic.partitions());
        return partitions;
    }

    static String of(Map<String, List<Integer>> partitions) {
        if (partitions.isEmpty()) return "-";
        return partitions.entrySet().stream()
                .map(topic -> topic.getKey() + ":"
                        + topic.getValue().stream().map(String::valueOf).collect(Collectors.joining(",")))
                .collect(Collectors.joining(";"));
    }
}
