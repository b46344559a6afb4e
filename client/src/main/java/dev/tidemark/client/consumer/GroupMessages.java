package dev.tidemark.client.consumer;

import dev.tidemark.base.Bytes;
import dev.tidemark.base.TopicPartition;
import dev.tidemark.base.Uuid;
import dev.tidemark.client.OffsetAndMetadata;
import dev.tidemark.client.consumer.membership.Assignors;
import dev.tidemark.client.consumer.membership.Membership.Effect;
import dev.tidemark.client.consumer.membership.Membership.Input;
import dev.tidemark.client.consumer.membership.Membership.MemberSubscription;
import dev.tidemark.client.network.Call;
import dev.tidemark.protocol.ErrorCode;
import dev.tidemark.protocol.codec.MalformedException;
import dev.tidemark.protocol.codec.Reader;
import dev.tidemark.protocol.codec.Writer;
import dev.tidemark.protocol.internaltopic.ConsumerProtocolAssignment;
import dev.tidemark.protocol.internaltopic.ConsumerProtocolSubscription;
import dev.tidemark.protocol.message.ConsumerGroupHeartbeatRequest;
import dev.tidemark.protocol.message.ConsumerGroupHeartbeatResponse;
import dev.tidemark.protocol.message.HeartbeatRequest;
import dev.tidemark.protocol.message.HeartbeatResponse;
import dev.tidemark.protocol.message.JoinGroupRequest;
import dev.tidemark.protocol.message.JoinGroupResponse;
import dev.tidemark.protocol.message.LeaveGroupRequest;
import dev.tidemark.protocol.message.LeaveGroupResponse;
import dev.tidemark.protocol.message.OffsetCommitRequest;
import dev.tidemark.protocol.message.OffsetCommitResponse;
import dev.tidemark.protocol.message.SyncGroupRequest;
import dev.tidemark.protocol.message.SyncGroupResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;

/// Between a member's effects and inputs and the wire.
final class GroupMessages {
    private static final String PROTOCOL_TYPE = "consumer";
    private static final short PROTOCOL_VERSION = 3;

    private final ConsumerConfig config;
    private final String groupId;

    GroupMessages(ConsumerConfig config, String groupId) {
        this.config = config;
        this.groupId = groupId;
    }

    private int timeoutMs() {
        return config.client().requestTimeoutMs();
    }

    Call<ConsumerGroupHeartbeatResponse> heartbeat(
            Effect.SendConsumerHeartbeat effect, Function<String, Uuid> topicIds) {
        var builder = ConsumerGroupHeartbeatRequest.builder()
                .groupId(groupId)
                .memberId(effect.memberId())
                .memberEpoch(effect.epoch())
                .instanceId(config.instanceId())
                .subscribedTopicNames(null)
                .topicPartitions(null);
        boolean hasRegex = effect.subscription().regex() != null;
        if (effect.isFull()) {
            builder.rebalanceTimeoutMs(config.pollIntervalMsMax())
                    .subscribedTopicNames(List.copyOf(effect.subscription().topics()))
                    .subscribedTopicRegex(effect.subscription().regex())
                    .rackId(config.rackId().isEmpty() ? null : config.rackId())
                    .topicPartitions(byTopic(effect.owned()).entrySet().stream()
                            .map(topic -> ConsumerGroupHeartbeatRequest.TopicPartitions.builder()
                                    .topicId(topicIds.apply(topic.getKey()))
                                    .partitions(topic.getValue())
                                    .build())
                            .toList());
        }
        return Call.from(hasRegex ? 1 : 0, builder.build(), ConsumerGroupHeartbeatResponse.class, timeoutMs());
    }

    Call<JoinGroupResponse> join(Effect.SendJoin effect) {
        Bytes metadata = subscription(effect);
        List<String> assignors = config.protocol() == GroupProtocol.CLASSIC_COOPERATIVE
                ? List.of(Assignors.COOPERATIVE_STICKY)
                : List.of(Assignors.RANGE, Assignors.COOPERATIVE_STICKY);
        JoinGroupRequest request = JoinGroupRequest.builder()
                .groupId(groupId)
                .sessionTimeoutMs(config.sessionTimeoutMs())
                .rebalanceTimeoutMs(config.pollIntervalMsMax())
                .memberId(effect.memberId())
                .groupInstanceId(config.instanceId())
                .protocolType(PROTOCOL_TYPE)
                .protocols(assignors.stream()
                        .map(name -> JoinGroupRequest.JoinGroupRequestProtocol.builder()
                                .name(name)
                                .metadata(metadata)
                                .build())
                        .toList())
                .build();
        // The coordinator holds the answer until all have joined.
        return Call.of(request, JoinGroupResponse.class, config.pollIntervalMsMax() + timeoutMs());
    }

    private static Bytes subscription(Effect.SendJoin effect) {
        Writer writer = new Writer();
        writer.writeShort(PROTOCOL_VERSION);
        ConsumerProtocolSubscription.builder()
                .topics(List.copyOf(effect.topics()))
                .ownedPartitions(byTopic(effect.owned()).entrySet().stream()
                        .map(topic -> ConsumerProtocolSubscription.TopicPartition.builder()
                                .topic(topic.getKey())
                                .partitions(topic.getValue())
                                .build())
                        .toList())
                .generationId(effect.ownedGeneration())
                .build()
                .write(writer, PROTOCOL_VERSION);
        return Bytes.copyOf(writer.toBuffer());
    }

    static Input.JoinAnswer answer(JoinGroupResponse response) {
        Map<String, MemberSubscription> members = new TreeMap<>();
        for (var member : response.members()) members.put(member.memberId(), subscription(member.metadata()));
        String assignor = response.protocolName();
        return new Input.JoinAnswer(
                ErrorCode.forCode(response.errorCode()),
                response.generationId(),
                response.memberId(),
                response.leader(),
                assignor == null ? "" : assignor,
                members);
    }

    private static MemberSubscription subscription(Bytes metadata) {
        SortedSet<String> topics = new TreeSet<>();
        SortedSet<TopicPartition> owned = new TreeSet<>();
        int generation = -1;
        try {
            Reader reader = new Reader(metadata.asByteBuffer());
            short version = (short) Math.min(reader.readShort(), PROTOCOL_VERSION);
            ConsumerProtocolSubscription subscription = ConsumerProtocolSubscription.read(reader, version);
            topics.addAll(subscription.topics());
            for (var topic : subscription.ownedPartitions())
                for (int partition : topic.partitions()) owned.add(new TopicPartition(topic.topic(), partition));
            generation = subscription.generationId();
        } catch (MalformedException strange) {
            // A member that wants nothing that we understand gets nothing.
        }
        return new MemberSubscription(topics, owned, generation);
    }

    Call<SyncGroupResponse> sync(Effect.SendSync effect, String assignor) {
        SyncGroupRequest request = SyncGroupRequest.builder()
                .groupId(groupId)
                .generationId(effect.generation())
                .memberId(effect.memberId())
                .groupInstanceId(config.instanceId())
                .protocolType(PROTOCOL_TYPE)
                .protocolName(assignor)
                .assignments(effect.assignment().entrySet().stream()
                        .map(each -> SyncGroupRequest.SyncGroupRequestAssignment.builder()
                                .memberId(each.getKey())
                                .assignment(assignment(each.getValue()))
                                .build())
                        .toList())
                .build();
        return Call.of(request, SyncGroupResponse.class, config.pollIntervalMsMax() + timeoutMs());
    }

    private static Bytes assignment(SortedSet<TopicPartition> partitions) {
        Writer writer = new Writer();
        writer.writeShort(PROTOCOL_VERSION);
        ConsumerProtocolAssignment.builder()
                .assignedPartitions(byTopic(partitions).entrySet().stream()
                        .map(topic -> ConsumerProtocolAssignment.TopicPartition.builder()
                                .topic(topic.getKey())
                                .partitions(topic.getValue())
                                .build())
                        .toList())
                .build()
                .write(writer, PROTOCOL_VERSION);
        return Bytes.copyOf(writer.toBuffer());
    }

    static Input.SyncAnswer answer(SyncGroupResponse response) {
        SortedSet<TopicPartition> partitions = new TreeSet<>();
        if (!response.assignment().isEmpty()) {
            Reader reader = new Reader(response.assignment().asByteBuffer());
            short version = (short) Math.min(reader.readShort(), PROTOCOL_VERSION);
            for (var topic : ConsumerProtocolAssignment.read(reader, version).assignedPartitions())
                for (int partition : topic.partitions()) partitions.add(new TopicPartition(topic.topic(), partition));
        }
        return new Input.SyncAnswer(ErrorCode.forCode(response.errorCode()), partitions);
    }

    Call<HeartbeatResponse> heartbeat(Effect.SendHeartbeat effect) {
        HeartbeatRequest request = HeartbeatRequest.builder()
                .groupId(groupId)
                .generationId(effect.generation())
                .memberId(effect.memberId())
                .groupInstanceId(config.instanceId())
                .build();
        return Call.of(request, HeartbeatResponse.class, timeoutMs());
    }

    Call<LeaveGroupResponse> leave(Effect.SendLeave effect) {
        LeaveGroupRequest newForm = LeaveGroupRequest.builder()
                .groupId(groupId)
                .members(List.of(LeaveGroupRequest.MemberIdentity.builder()
                        .memberId(effect.memberId())
                        .groupInstanceId(config.instanceId())
                        .reason("the consumer was closed")
                        .build()))
                .build();
        LeaveGroupRequest oldForm = LeaveGroupRequest.builder()
                .groupId(groupId)
                .memberId(effect.memberId())
                .build();
        return Call.of(newForm, LeaveGroupResponse.class, timeoutMs())
                .withBody(version -> version >= 3 ? newForm : oldForm);
    }

    /// Up to version 9 topics go by name.
    Call<OffsetCommitResponse> commit(Map<TopicPartition, OffsetAndMetadata> offsets, String memberId, int epoch) {
        OffsetCommitRequest request = OffsetCommitRequest.builder()
                .groupId(groupId)
                .generationIdOrMemberEpoch(epoch)
                .memberId(memberId)
                .groupInstanceId(epoch < 0 ? null : config.instanceId())
                .topics(topics(offsets))
                .build();
        return Call.of(request, OffsetCommitResponse.class, timeoutMs()).upTo(9);
    }

    private static List<OffsetCommitRequest.OffsetCommitRequestTopic> topics(
            Map<TopicPartition, OffsetAndMetadata> offsets) {
        Map<String, List<OffsetCommitRequest.OffsetCommitRequestPartition>> topics = new TreeMap<>();
        offsets.forEach((where, offset) -> topics.computeIfAbsent(where.topic(), topic -> new ArrayList<>())
                .add(OffsetCommitRequest.OffsetCommitRequestPartition.builder()
                        .partitionIndex(where.partition())
                        .committedOffset(offset.offset())
                        .committedLeaderEpoch(offset.leaderEpoch())
                        .committedMetadata(offset.metadata())
                        .build()));
        return topics.entrySet().stream()
                .map(topic -> OffsetCommitRequest.OffsetCommitRequestTopic.builder()
                        .name(topic.getKey())
                        .partitions(topic.getValue())
                        .build())
                .toList();
    }

    static ErrorCode firstError(OffsetCommitResponse response) {
        for (var topic : response.topics())
            for (var partition : topic.partitions())
                if (partition.errorCode() != 0) return ErrorCode.forCode(partition.errorCode());
        return ErrorCode.NONE;
    }

    private static Map<String, List<Integer>> byTopic(SortedSet<TopicPartition> partitions) {
        Map<String, List<Integer>> topics = new TreeMap<>();
        for (TopicPartition partition : partitions)
            topics.computeIfAbsent(partition.topic(), topic -> new ArrayList<>())
                    .add(partition.partition());
        return topics;
    }
}
