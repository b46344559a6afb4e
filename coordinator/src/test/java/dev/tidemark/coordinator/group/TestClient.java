package dev.tidemark.coordinator.group;

import dev.tidemark.base.Bytes;
import dev.tidemark.base.Uuid;
import dev.tidemark.coordinator.runtime.VersionedMessage;
import dev.tidemark.protocol.ErrorCode;
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
import dev.tidemark.protocol.message.SyncGroupRequest;
import dev.tidemark.protocol.message.SyncGroupResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/// A consumer of a test: it remembers what a real one would.
final class TestClient {
    final String name;
    private final World world;
    String group = "g";
    String memberId = "";

    @Nullable
    String instanceId;

    /// Of what it sends next: a smaller number is what comes late, over an older one.
    long connection = 1;
    int generation = -1;
    int epoch;
    List<String> topics = List.of();
    List<String> protocols = List.of("range");
    int sessionMs = 10_000;
    int rebalanceMs = 30_000;
    short version = 9;
    /// What it holds, by topic.
    Map<String, List<Integer>> owned = new TreeMap<>();

    /// What it was last told to have. While it is slow to change to it, it says nothing of what it has, as a real
    /// one.
    private @Nullable Map<String, List<Integer>> told;

    boolean isSlow;
    private int heartbeats;

    TestClient(String name, World world) {
        this.name = name;
        this.world = world;
    }

    void hold(Map<String, List<Integer>> partitions) {
        owned = partitions;
        told = partitions;
    }

    ClientContext context(short apiVersion) {
        return new ClientContext(name, "/1.1.1.1", apiVersion, connection);
    }

    CompletableFuture<JoinGroupResponse> join() {
        List<JoinGroupRequest.JoinGroupRequestProtocol> all = protocols.stream()
                .map(protocol -> new JoinGroupRequest.JoinGroupRequestProtocol(protocol, subscription()))
                .toList();
        JoinGroupRequest request = JoinGroupRequest.builder()
                .groupId(group)
                .memberId(memberId)
                .groupInstanceId(instanceId)
                .sessionTimeoutMs(sessionMs)
                .rebalanceTimeoutMs(rebalanceMs)
                .protocolType("consumer")
                .protocols(all)
                .build();
        return world.coordinator.joinGroup(context(version), request).whenComplete((response, _) -> {
            ErrorCode error = ErrorCode.forCode(response.errorCode());
            if (error == ErrorCode.MEMBER_ID_REQUIRED || error == ErrorCode.NONE) memberId = response.memberId();
            if (error == ErrorCode.NONE) generation = response.generationId();
            if (error == ErrorCode.UNKNOWN_MEMBER_ID) memberId = "";
        });
    }

    /// As a client does that comes again with the id that it is given.
    CompletableFuture<JoinGroupResponse> joinAsKnown() {
        var answer = join();
        boolean isGivenId = answer.isDone() && answer.join().errorCode() == ErrorCode.MEMBER_ID_REQUIRED.code();
        return isGivenId ? join() : answer;
    }

    private Bytes subscription() {
        List<ConsumerProtocolSubscription.TopicPartition> held = new ArrayList<>();
        owned.forEach(
                (topic, partitions) -> held.add(new ConsumerProtocolSubscription.TopicPartition(topic, partitions)));
        return VersionedMessage.write(
                (short) 2,
                ConsumerProtocolSubscription.builder()
                        .topics(topics)
                        .ownedPartitions(held)
                        .generationId(generation)
                        .build());
    }

    static Bytes assignment(Map<String, List<Integer>> partitions) {
        List<ConsumerProtocolAssignment.TopicPartition> topics = new ArrayList<>();
        partitions.forEach((topic, some) -> topics.add(new ConsumerProtocolAssignment.TopicPartition(topic, some)));
        return VersionedMessage.write(
                (short) 1,
                ConsumerProtocolAssignment.builder().assignedPartitions(topics).build());
    }

    /// Each partition of the topic `t` for one of the clients that have an id, in turn, beginning with the one of
    /// number `first`.
    static Map<String, Map<String, List<Integer>>> inTurn(List<TestClient> clients, int partitions, int first) {
        Map<String, Map<String, List<Integer>>> assignments = new TreeMap<>();
        List<TestClient> known =
                clients.stream().filter(client -> !client.memberId.isEmpty()).toList();
        for (int i = 0; i < partitions && !known.isEmpty(); i++) {
            TestClient owner = known.get((i + first) % known.size());
            assignments
                    .computeIfAbsent(owner.memberId, _ -> new TreeMap<>())
                    .computeIfAbsent("t", _ -> new ArrayList<>())
                    .add(i);
        }
        return assignments;
    }

    CompletableFuture<SyncGroupResponse> sync(Map<String, Map<String, List<Integer>>> byMember) {
        List<SyncGroupRequest.SyncGroupRequestAssignment> all = new ArrayList<>();
        byMember.forEach((member, partitions) ->
                all.add(new SyncGroupRequest.SyncGroupRequestAssignment(member, assignment(partitions))));
        SyncGroupRequest request = SyncGroupRequest.builder()
                .groupId(group)
                .memberId(memberId)
                .groupInstanceId(instanceId)
                .generationId(generation)
                .assignments(all)
                .build();
        return world.coordinator.syncGroup(context((short) 5), request).whenComplete((response, _) -> {
            if (response.errorCode() == 0) owned = TestReplies.partitions(response.assignment());
        });
    }

    CompletableFuture<HeartbeatResponse> beat() {
        return world.coordinator.heartbeat(
                context((short) 4),
                HeartbeatRequest.builder()
                        .groupId(group)
                        .memberId(memberId)
                        .groupInstanceId(instanceId)
                        .generationId(generation)
                        .build());
    }

    /// Joins again where the answer to a heartbeat wants that.
    CompletableFuture<?> beatOrJoin() {
        var answer = beat();
        if (!answer.isDone()) return answer;
        ErrorCode error = ErrorCode.forCode(answer.join().errorCode());
        if (error == ErrorCode.UNKNOWN_MEMBER_ID) memberId = "";
        boolean isOut = error == ErrorCode.REBALANCE_IN_PROGRESS || error == ErrorCode.ILLEGAL_GENERATION;
        return isOut ? joinAsKnown() : answer;
    }

    CompletableFuture<LeaveGroupResponse> leave() {
        CompletableFuture<LeaveGroupResponse> answer = world.coordinator.leaveGroup(
                context((short) 5),
                LeaveGroupRequest.builder()
                        .groupId(group)
                        .members(List.of(LeaveGroupRequest.MemberIdentity.builder()
                                .memberId(memberId)
                                .groupInstanceId(instanceId)
                                .build()))
                        .build());
        memberId = "";
        generation = -1;
        owned = new TreeMap<>();
        return answer;
    }

    /// @param full tells all of itself, as a client does when it joins
    CompletableFuture<ConsumerGroupHeartbeatResponse> heartbeat(
            int atEpoch,
            boolean full,
            @Nullable List<String> newTopics,
            @Nullable String regex,
            @Nullable String assignor) {
        if (atEpoch <= 0) told = null;
        if (told != null && !isSlow) owned = told;
        ConsumerGroupHeartbeatRequest.Builder request = ConsumerGroupHeartbeatRequest.builder()
                .groupId(group)
                .memberId(memberId)
                .memberEpoch(atEpoch)
                .instanceId(instanceId)
                .subscribedTopicNames(newTopics)
                .subscribedTopicRegex(regex)
                .serverAssignor(assignor)
                .topicPartitions(atEpoch < 0 || (told != null && !told.equals(owned)) ? null : ownedById());
        if (full) request.rebalanceTimeoutMs(rebalanceMs);
        int number = ++heartbeats;
        return world.coordinator
                .consumerGroupHeartbeat(context((short) 1), request.build())
                .whenComplete((response, _) -> {
                    // An answer that the client has given up on does not reach it.
                    if (response.errorCode() != 0 || number != heartbeats) return;
                    epoch = response.memberEpoch();
                    if (response.assignment() == null) return;
                    told = TestReplies.partitions(response.assignment(), world);
                    if (!isSlow) owned = told;
                });
    }

    private List<ConsumerGroupHeartbeatRequest.TopicPartitions> ownedById() {
        List<ConsumerGroupHeartbeatRequest.TopicPartitions> all = new ArrayList<>();
        owned.forEach((topic, partitions) -> {
            MetadataView.Topic known = world.topics.view().topic(topic);
            Uuid id = known == null ? Uuid.ZERO : known.id();
            all.add(new ConsumerGroupHeartbeatRequest.TopicPartitions(id, partitions));
        });
        return all;
    }
}
