package dev.tidemark.simulator.client;

import dev.tidemark.base.Bytes;
import dev.tidemark.protocol.ErrorCode;
import dev.tidemark.protocol.message.HeartbeatRequest;
import dev.tidemark.protocol.message.HeartbeatResponse;
import dev.tidemark.protocol.message.JoinGroupRequest;
import dev.tidemark.protocol.message.JoinGroupRequest.JoinGroupRequestProtocol;
import dev.tidemark.protocol.message.JoinGroupResponse;
import dev.tidemark.protocol.message.SyncGroupRequest;
import dev.tidemark.protocol.message.SyncGroupRequest.SyncGroupRequestAssignment;
import dev.tidemark.protocol.message.SyncGroupResponse;
import dev.tidemark.simulator.check.GroupHistory;
import dev.tidemark.simulator.check.PartitionKey;
import java.util.ArrayList;
import java.util.List;

/// A member of a classic group whose leader deals the partitions out in turn. What an assignment holds is this client's
/// own business: here a line of partition numbers.
public final class ClassicGroupMember {
    private static final int SESSION_MS = 10_000;
    private static final int REBALANCE_MS = 15_000;
    private static final long TIMEOUT_MS = 5_000;
    private static final long JOIN_TIMEOUT_MS = REBALANCE_MS + 5_000;
    private static final long HEARTBEAT_MS = 2_000;
    private static final long BACKOFF_MS = 300;

    private final ClientHost host;
    private final String group;
    private final TopicMap topics;
    private final GroupHistory history;
    private final Coordinator coordinator;
    private final MemberOffsets offsets;
    private final List<PartitionKey> owned = new ArrayList<>();
    private String memberId = "";
    private int generation = -1;
    private int lastGeneration = -1;

    public ClassicGroupMember(ClientHost host, String group, String topic, GroupHistory history) {
        this.host = host;
        this.group = group;
        this.topics = new TopicMap(host, List.of(topic));
        this.history = history;
        this.coordinator = new Coordinator(host, Coordinator.GROUP, group);
        this.offsets = new MemberOffsets(host, group, coordinator, history);
        join();
        work();
    }

    private void work() {
        for (PartitionKey partition : owned) offsets.goOn(partition, memberId, generation);
        host.after(200 + host.random().nextLong(1_000), this::work);
    }

    private void join() {
        owned.clear();
        generation = -1;
        JoinGroupRequest request = JoinGroupRequest.builder()
                .groupId(group)
                .sessionTimeoutMs(SESSION_MS)
                .rebalanceTimeoutMs(REBALANCE_MS)
                .memberId(memberId)
                .protocolType("simulated")
                .protocols(List.of(JoinGroupRequestProtocol.builder()
                        .name("in-turn")
                        .metadata(Bytes.EMPTY)
                        .build()))
                .build();
        coordinator.call(request, JoinGroupResponse.class, JOIN_TIMEOUT_MS, this::onJoined, this::joinLater);
    }

    private void joinLater() {
        host.after(BACKOFF_MS, this::join);
    }

    private void onJoined(JoinGroupResponse response) {
        ErrorCode error = ErrorCode.forCode(response.errorCode());
        coordinator.learn(error);
        if (error == ErrorCode.MEMBER_ID_REQUIRED) memberId = response.memberId();
        if (error == ErrorCode.UNKNOWN_MEMBER_ID) memberId = "";
        if (error != ErrorCode.NONE) {
            joinLater();
            return;
        }
        if (!response.memberId().equals(memberId)) lastGeneration = -1;
        memberId = response.memberId();
        history.onGeneration(response.generationId(), lastGeneration);
        sync(response);
    }

    private void sync(JoinGroupResponse joined) {
        List<SyncGroupRequestAssignment> assignments = new ArrayList<>();
        List<PartitionKey> partitions = topics.partitions();
        int count = joined.members().size();
        for (int i = 0; i < count; i++) {
            StringBuilder share = new StringBuilder();
            for (int p = i; p < partitions.size(); p += count) share.append(p).append(' ');
            assignments.add(SyncGroupRequestAssignment.builder()
                    .memberId(joined.members().get(i).memberId())
                    .assignment(Bytes.utf8(share.toString()))
                    .build());
        }
        SyncGroupRequest request = SyncGroupRequest.builder()
                .groupId(group)
                .generationId(joined.generationId())
                .memberId(memberId)
                .protocolType("simulated")
                .protocolName("in-turn")
                .assignments(assignments)
                .build();
        coordinator.call(
                request,
                SyncGroupResponse.class,
                JOIN_TIMEOUT_MS,
                response -> onSynced(response, joined.generationId()),
                this::joinLater);
    }

    private void onSynced(SyncGroupResponse response, int newGeneration) {
        ErrorCode error = ErrorCode.forCode(response.errorCode());
        coordinator.learn(error);
        if (error == ErrorCode.UNKNOWN_MEMBER_ID) memberId = "";
        if (error != ErrorCode.NONE) {
            joinLater();
            return;
        }
        generation = newGeneration;
        lastGeneration = newGeneration; // Before this nothing of it is in the coordinator's log.
        List<PartitionKey> partitions = topics.partitions();
        for (String number : response.assignment().toUtf8().split(" ")) {
            if (number.isEmpty() || Integer.parseInt(number) >= partitions.size()) continue;
            PartitionKey partition = partitions.get(Integer.parseInt(number));
            history.onShare(memberId, generation, partition);
            owned.add(partition);
        }
        host.after(HEARTBEAT_MS, this::heartbeat);
    }

    private void heartbeat() {
        if (host.random().nextInt(40) == 0) {
            // Gone without a word; somebody else comes in its place.
            memberId = "";
            joinLater();
            return;
        }
        HeartbeatRequest request = HeartbeatRequest.builder()
                .groupId(group)
                .generationId(generation)
                .memberId(memberId)
                .build();
        coordinator.call(
                request,
                HeartbeatResponse.class,
                TIMEOUT_MS,
                response -> {
                    ErrorCode error = ErrorCode.forCode(response.errorCode());
                    coordinator.learn(error);
                    if (error == ErrorCode.UNKNOWN_MEMBER_ID) memberId = "";
                    boolean isOut = error == ErrorCode.UNKNOWN_MEMBER_ID
                            || error == ErrorCode.ILLEGAL_GENERATION
                            || error == ErrorCode.REBALANCE_IN_PROGRESS;
                    if (isOut) joinLater();
                    else host.after(error == ErrorCode.NONE ? HEARTBEAT_MS : BACKOFF_MS, this::heartbeat);
                },
                () -> host.after(BACKOFF_MS, this::heartbeat));
    }
}
