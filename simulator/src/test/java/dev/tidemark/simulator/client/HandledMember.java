package dev.tidemark.simulator.client;

import dev.tidemark.base.Uuid;
import dev.tidemark.protocol.message.ConsumerGroupHeartbeatRequest;
import dev.tidemark.protocol.message.ConsumerGroupHeartbeatResponse;
import dev.tidemark.protocol.message.FindCoordinatorRequest;
import dev.tidemark.protocol.message.FindCoordinatorResponse;
import dev.tidemark.simulator.network.Machine;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;

/// A member of a group of the new protocol that sends what the test says, when it says so.
public final class HandledMember {
    private static final String GROUP = "g";
    private static final long TIMEOUT_MS = 60_000;

    private final ClientHost host;
    private final String topic;
    private final String memberId;
    private final SortedSet<Integer> holds = new TreeSet<>();
    private int coordinator = -1;
    private int epoch;

    public HandledMember(ClientHost host, String topic) {
        this.host = host;
        this.topic = topic;
        this.memberId = Uuid.random(host.random()).toString();
    }

    public Machine machine() {
        return host.machine();
    }

    /// The broker that coordinates the group; -1 until it is found.
    public int coordinator() {
        return coordinator;
    }

    public void find() {
        FindCoordinatorRequest request = FindCoordinatorRequest.builder()
                .keyType(Coordinator.GROUP)
                .coordinatorKeys(List.of(GROUP))
                .build();
        host.call(1, request, FindCoordinatorResponse.class, TIMEOUT_MS, this::onFound, _ -> {});
    }

    private void onFound(FindCoordinatorResponse response) {
        var answer = response.coordinators().getFirst();
        if (answer.errorCode() == 0) coordinator = answer.nodeId();
    }

    /// Makes a connection to the coordinator.
    public void connect() {
        FindCoordinatorRequest request = FindCoordinatorRequest.builder()
                .keyType(Coordinator.GROUP)
                .coordinatorKeys(List.of(GROUP))
                .build();
        host.call(coordinator, request, FindCoordinatorResponse.class, TIMEOUT_MS, _ -> {}, _ -> {});
    }

    /// Lets go of the connection; the next request makes another one.
    public void hangUp() {
        host.hangUp(coordinator);
    }

    public void join() {
        epoch = 0;
        beat();
    }

    public void beat() {
        boolean joins = epoch == 0;
        ConsumerGroupHeartbeatRequest request = ConsumerGroupHeartbeatRequest.builder()
                .groupId(GROUP)
                .memberId(memberId)
                .memberEpoch(epoch)
                .rebalanceTimeoutMs(30_000)
                .subscribedTopicNames(joins ? List.of(topic) : null)
                .topicPartitions(joins ? List.of() : null)
                .build();
        host.call(coordinator, request, ConsumerGroupHeartbeatResponse.class, TIMEOUT_MS, this::onAnswer, _ -> {});
    }

    private void onAnswer(ConsumerGroupHeartbeatResponse response) {
        if (response.errorCode() != 0) return;
        epoch = response.memberEpoch();
        var assignment = response.assignment();
        if (assignment == null) return;
        holds.clear();
        assignment.topicPartitions().forEach(each -> holds.addAll(each.partitions()));
    }

    /// The partitions that it works on.
    public List<Integer> holds() {
        return new ArrayList<>(holds);
    }
}
