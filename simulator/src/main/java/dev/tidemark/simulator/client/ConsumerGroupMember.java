package dev.tidemark.simulator.client;

import dev.tidemark.base.Uuid;
import dev.tidemark.protocol.ErrorCode;
import dev.tidemark.protocol.message.ConsumerGroupHeartbeatRequest;
import dev.tidemark.protocol.message.ConsumerGroupHeartbeatRequest.TopicPartitions;
import dev.tidemark.protocol.message.ConsumerGroupHeartbeatResponse;
import dev.tidemark.simulator.check.GroupHistory;
import dev.tidemark.simulator.check.PartitionKey;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/// A member of a group of the new protocol (KIP-848), which now and then leaves, or is silent for long.
public final class ConsumerGroupMember {
    /// Far below the session timeout: who was answered so recently is a member for sure.
    private static final long CERTAINLY_ALIVE_MS = 10_000;
    private static final long TIMEOUT_MS = 5_000;
    private static final long BACKOFF_MS = 500;

    private final ClientHost host;
    private final String group;
    private final String topic;
    private final GroupHistory history;
    private final Coordinator coordinator;
    private final MemberOffsets offsets;
    private final SortedSet<PartitionKey> owned = new TreeSet<>();
    private String memberId;
    private int epoch;
    private int lives;
    private boolean told;
    /// After an error a member tells all of itself, so that the coordinator does the same: an answer may be lost.
    private boolean tellsAll;

    public ConsumerGroupMember(ClientHost host, String group, String topic, GroupHistory history) {
        this.host = host;
        this.group = group;
        this.topic = topic;
        this.history = history;
        this.coordinator = new Coordinator(host, Coordinator.GROUP, group);
        this.offsets = new MemberOffsets(host, group, coordinator, history);
        this.memberId = newMemberId();
        heartbeat();
        work();
    }

    private String newMemberId() {
        return Uuid.random(host.random()).toString();
    }

    private void work() {
        for (PartitionKey partition : owned) {
            if (epoch > 0) offsets.goOn(partition, memberId, epoch);
        }
        host.after(200 + host.random().nextLong(1_000), this::work);
    }

    private void heartbeat() {
        boolean joins = epoch == 0;
        ConsumerGroupHeartbeatRequest request = ConsumerGroupHeartbeatRequest.builder()
                .groupId(group)
                .memberId(memberId)
                .memberEpoch(epoch)
                .rebalanceTimeoutMs(30_000)
                .subscribedTopicNames(joins || tellsAll ? List.of(topic) : null)
                .topicPartitions(joins ? List.of() : told && !tellsAll ? null : toWire())
                .build();
        told = true;
        tellsAll = false;
        int life = lives;
        coordinator.call(
                request,
                ConsumerGroupHeartbeatResponse.class,
                TIMEOUT_MS,
                response -> {
                    if (life == lives) onResponse(response);
                },
                () -> {
                    if (life != lives) return;
                    tellsAll = true;
                    host.after(BACKOFF_MS, this::heartbeat);
                });
    }

    private List<TopicPartitions> toWire() {
        SortedMap<Uuid, List<Integer>> byTopic = new TreeMap<>();
        for (PartitionKey key : owned)
            byTopic.computeIfAbsent(key.topicId(), _ -> new ArrayList<>()).add(key.partition());
        List<TopicPartitions> wire = new ArrayList<>();
        byTopic.forEach((id, partitions) -> wire.add(
                TopicPartitions.builder().topicId(id).partitions(partitions).build()));
        return wire;
    }

    private void onResponse(ConsumerGroupHeartbeatResponse response) {
        ErrorCode error = ErrorCode.forCode(response.errorCode());
        coordinator.learn(error);
        if (error == ErrorCode.UNKNOWN_MEMBER_ID || error == ErrorCode.FENCED_MEMBER_EPOCH) {
            letGoOfAll();
            epoch = 0;
            told = false;
            host.after(BACKOFF_MS, this::heartbeat);
            return;
        }
        if (error != ErrorCode.NONE) {
            tellsAll = true;
            host.after(BACKOFF_MS, this::heartbeat);
            return;
        }
        epoch = response.memberEpoch();
        for (PartitionKey key : owned) history.onHeard(memberId, key, host.nowMs());
        var assignment = response.assignment();
        if (assignment != null) take(assignment);
        next(response.heartbeatIntervalMs());
    }

    private void take(ConsumerGroupHeartbeatResponse.Assignment assignment) {
        SortedSet<PartitionKey> wanted = new TreeSet<>();
        for (var each : assignment.topicPartitions()) {
            for (int partition : each.partitions()) wanted.add(new PartitionKey(each.topicId(), topic, partition));
        }
        for (PartitionKey key : List.copyOf(owned)) {
            if (wanted.contains(key)) continue;
            owned.remove(key);
            history.onLetGo(memberId, key);
        }
        for (PartitionKey key : wanted) {
            if (owned.add(key)) history.onGiven(memberId, key, host.nowMs(), CERTAINLY_ALIVE_MS);
        }
        told = false;
    }

    private void letGoOfAll() {
        for (PartitionKey key : owned) history.onLetGo(memberId, key);
        owned.clear();
    }

    /// Says farewell, and comes back under the same name.
    private void leave() {
        letGoOfAll();
        lives++;
        epoch = 0;
        told = false;
        ConsumerGroupHeartbeatRequest request = ConsumerGroupHeartbeatRequest.builder()
                .groupId(group)
                .memberId(memberId)
                .memberEpoch(-1)
                .build();
        coordinator.call(request, ConsumerGroupHeartbeatResponse.class, TIMEOUT_MS, _ -> comeBack(), this::comeBack);
    }

    private void comeBack() {
        host.after(BACKOFF_MS + host.random().nextLong(3_000), this::heartbeat);
    }

    private void next(int intervalMs) {
        if (host.random().nextInt(40) == 0) {
            leave();
            return;
        }
        if (host.random().nextInt(40) == 0) {
            // Gone without a word; somebody else comes in its place.
            letGoOfAll();
            lives++;
            epoch = 0;
            told = false;
            memberId = newMemberId();
        }
        host.after(Math.min(intervalMs, 100 + host.random().nextLong(3_000)), this::heartbeat);
    }
}
