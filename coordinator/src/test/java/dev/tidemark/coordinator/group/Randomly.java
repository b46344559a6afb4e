package dev.tidemark.coordinator.group;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.base.Uuid;
import dev.tidemark.coordinator.group.classic.ClassicGroup;
import dev.tidemark.coordinator.group.classic.ClassicState;
import dev.tidemark.coordinator.group.consumer.ConsumerGroup;
import dev.tidemark.coordinator.group.consumer.ConsumerMember;
import dev.tidemark.coordinator.group.consumer.SoftState;
import dev.tidemark.coordinator.group.offsets.GroupOffsets;
import dev.tidemark.coordinator.runtime.Step;
import dev.tidemark.protocol.ErrorCode;
import dev.tidemark.protocol.message.OffsetCommitRequest;
import dev.tidemark.protocol.message.SyncGroupResponse;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/// Five clients of one group that act at random, and what must hold after each step:
/// - no partition has two owners among a consumer group's members, also while one gives it up;
/// - what a client was told that it has, the coordinator knows that it has;
/// - in one generation of a classic group no partition was told to two members;
/// - a committed offset that was acknowledged never goes back;
/// - what the log says is what the coordinator knows.
final class Randomly {
    private static final String GROUP = "g";
    private static final String[] TOPICS = {"t", "u"};

    private final World world = new World();
    private final List<TestClient> clients = new ArrayList<>();
    private final int classicClients;
    private final Map<String, Long> acknowledged = new TreeMap<>();
    private final Map<String, String> ownerByGeneration = new HashMap<>();
    private final List<CompletableFuture<?>> watched = new ArrayList<>();
    private final List<Sync> syncs = new ArrayList<>();
    private long nextOffset = 1;
    private int partitions = 4;

    /// @param classicClients how many speak the classic protocol
    Randomly(int classicClients) {
        this.classicClients = classicClients;
        world.topics.create("t", partitions);
        world.topics.create("u", 2);
        for (int i = 0; i < 5; i++) {
            TestClient client = new TestClient("c" + i, world);
            client.topics = List.of("t");
            client.instanceId = i == 4 ? "i4" : null;
            client.memberId = isClassic(i) ? "" : client.name;
            clients.add(client);
        }
    }

    private void watch(CompletableFuture<?> answer) {
        watched.add(answer);
    }

    private boolean isClassic(int client) {
        return client < classicClients;
    }

    void take(Step step) {
        TestClient client = clients.get(step.who());
        int action = step.action();
        if (action < 70) {
            if (isClassic(step.who())) actClassic(client, action, step.argument());
            else actConsumer(client, action, step.argument());
        } else if (action < 78) commit(client, step.argument());
        else if (action < 88) world.loop.advance(step.argument() * 300L);
        else if (action < 90) grow(step.argument());
        else if (action < 93) disturbLog(step.argument());
        else if (action < 96) calmLog();
        else if (action < 98) reload();
        else client.topics = List.of(TOPICS).subList(0, 1 + step.argument() % 2);
        world.loop.settle();
    }

    private void actConsumer(TestClient client, int action, int argument) {
        client.isSlow = argument % 4 == 0;
        if (action < 60) heartbeat(client, client.epoch);
        else if (action < 64) heartbeat(client, 0);
        else if (action < 67) heartbeat(client, client.instanceId == null ? -1 : -1 - argument % 2);
        else heartbeat(client, argument % 6);
    }

    private void heartbeat(TestClient client, int epoch) {
        if (epoch <= 0) client.owned = new TreeMap<>();
        var answer = client.heartbeat(epoch, epoch == 0, epoch == 0 ? client.topics : null, null, null);
        if (!answer.isDone()) return;
        ErrorCode error = ErrorCode.forCode(answer.join().errorCode());
        boolean isOut = error == ErrorCode.FENCED_MEMBER_EPOCH
                || error == ErrorCode.UNKNOWN_MEMBER_ID
                || error == ErrorCode.GROUP_ID_NOT_FOUND
                || error == ErrorCode.FENCED_INSTANCE_ID;
        if (isOut || epoch < 0) {
            client.owned = new TreeMap<>();
            client.epoch = 0;
        }
    }

    private void actClassic(TestClient client, int action, int argument) {
        if (action < 20 || client.generation < 0) watch(client.joinAsKnown());
        else if (action < 35) sync(client);
        else if (action < 60) watch(client.beatOrJoin());
        else if (action < 63) watch(client.leave());
        else if (action < 66) client.generation = argument % 5;
        else watch(client.joinAsKnown());
    }

    /// Sends an assignment that gives each partition to one of the members that are known; only the leader's
    /// counts.
    private void sync(TestClient client) {
        syncs.add(new Sync(client.memberId, client.generation, client.sync(TestClient.inTurn(clients, partitions, 0))));
    }

    private record Sync(String memberId, int generation, CompletableFuture<SyncGroupResponse> answer) {}

    private void checkSyncs() {
        for (Sync sync : syncs) {
            if (!sync.answer.isDone() || sync.answer.join().errorCode() != 0 || classic() == null) continue;
            noteGeneration(
                    sync.memberId,
                    sync.generation,
                    TestReplies.partitions(sync.answer.join().assignment()));
        }
        syncs.removeIf(sync -> sync.answer.isDone());
    }

    private void noteGeneration(String memberId, int generation, Map<String, List<Integer>> assigned) {
        assigned.forEach((topic, some) -> some.forEach(partition -> {
            String key = world.log.leaderEpoch() + "/" + generation + "/" + topic + "/" + partition;
            String other = ownerByGeneration.putIfAbsent(key, memberId);
            ClassicGroup group = classic();
            boolean isReplaced = other != null && group != null && group.member(other) == null;
            assertThat(other == null || other.equals(memberId) || isReplaced)
                    .as("%s of generation %s told to %s and %s", partition, generation, other, memberId)
                    .isTrue();
        }));
    }

    private void commit(TestClient client, int argument) {
        int partition = argument % partitions;
        long offset = nextOffset++;
        boolean byHand = argument % 5 == 0;
        int epoch = client.generation >= 0 ? client.generation : client.epoch;
        OffsetCommitRequest request = OffsetCommitRequest.builder()
                .groupId(GROUP)
                .memberId(byHand ? "" : client.memberId)
                .groupInstanceId(byHand ? null : client.instanceId)
                .generationIdOrMemberEpoch(byHand ? -1 : epoch)
                .topics(List.of(OffsetCommitRequest.OffsetCommitRequestTopic.builder()
                        .name("t")
                        .partitions(List.of(OffsetCommitRequest.OffsetCommitRequestPartition.builder()
                                .partitionIndex(partition)
                                .committedOffset(offset)
                                .build()))
                        .build()))
                .build();
        watch(world.coordinator.offsetCommit(client.context((short) 9), request).thenAccept(reply -> {
            if (reply.topics().getFirst().partitions().getFirst().errorCode() == 0)
                acknowledged.merge("t-" + partition, offset, Math::max);
        }));
    }

    private void grow(int argument) {
        partitions = Math.min(9, partitions + argument % 3);
        world.topics.grow("t", partitions);
    }

    private void disturbLog(int argument) {
        switch (argument % 3) {
            case 0 -> world.log.refuse(ErrorCode.NOT_ENOUGH_REPLICAS);
            case 1 -> world.log.holdCommits();
            default -> world.log.holdAppends();
        }
    }

    private void calmLog() {
        world.log.refuse(null);
        world.log.releaseAppends();
        world.log.releaseCommits();
    }

    private void reload() {
        calmLog();
        world.coordinator.onResigned(0, world.log.leaderEpoch());
        world.elect();
    }

    private @Nullable ClassicGroup classic() {
        GroupEntry entry = world.live().entry(GROUP);
        return entry == null ? null : entry.classic();
    }

    void check() {
        watched.stream().filter(CompletableFuture::isDone).forEach(CompletableFuture::join);
        watched.removeIf(CompletableFuture::isDone);
        checkSyncs();
        GroupEntry live = world.live().entry(GROUP);
        GroupEntry loaded = world.reloaded().entry(GROUP);
        checkSame(live, loaded);
        ConsumerGroup consumer = live == null ? null : live.consumer();
        if (consumer != null) {
            checkOwners(consumer);
            for (TestClient client : clients) checkHolds(consumer, client);
        }
        checkOffsets(live == null ? new GroupOffsets() : live.offsets());
    }

    private static void checkOwners(ConsumerGroup group) {
        Map<String, String> owners = new HashMap<>();
        for (ConsumerMember member : group.members().values()) {
            note(owners, member, member.current().assigned().partitions().topics());
            note(
                    owners,
                    member,
                    member.current().pendingRevocation().partitions().topics());
        }
    }

    private static void note(Map<String, String> owners, ConsumerMember member, Map<Uuid, List<Integer>> topics) {
        topics.forEach((topic, some) -> some.forEach(partition -> {
            String other = owners.put(topic + "/" + partition, member.memberId());
            assertThat(other).as("another owner of %s", partition).isNull();
        }));
    }

    /// A client in its member's epoch, or the one before, has nothing that the coordinator does not know of.
    private void checkHolds(ConsumerGroup group, TestClient client) {
        ConsumerMember member = group.member(client.memberId);
        if (member == null || member.isClassic() || client.epoch <= 0) return;
        boolean isKnown = client.epoch == member.epoch()
                || client.epoch == member.current().previousMemberEpoch();
        if (!isKnown) return;
        client.owned.forEach((topic, some) -> {
            var known = world.topics.view().topic(topic);
            for (int partition : some) {
                boolean has = known != null
                        && (member.current().assigned().contains(known.id(), partition)
                                || member.current().pendingRevocation().contains(known.id(), partition));
                assertThat(has)
                        .as("%s holds %s-%s in epoch %s", client.name, topic, partition, client.epoch)
                        .isTrue();
            }
        });
    }

    private void checkOffsets(GroupOffsets offsets) {
        acknowledged.forEach((partition, acked) -> {
            var offset = offsets.get("t", Integer.parseInt(partition.substring(2)));
            assertThat(offset).as(partition).isNotNull();
            assertThat(offset.offset()).as(partition).isGreaterThanOrEqualTo(acked);
        });
    }

    private static void checkSame(@Nullable GroupEntry live, @Nullable GroupEntry loaded) {
        GroupOffsets none = new GroupOffsets();
        assertThat(loaded == null ? none : loaded.offsets()).isEqualTo(live == null ? none : live.offsets());
        ConsumerGroup consumer = live == null ? null : live.consumer();
        ConsumerGroup loadedConsumer = loaded == null ? null : loaded.consumer();
        assertThat(hard(loadedConsumer)).isEqualTo(hard(consumer));
        ClassicGroup classic = live == null ? null : live.classic();
        if (classic == null || !classic.is(ClassicState.STABLE)) return;
        assertThat(loaded).isNotNull();
        ClassicGroup loadedClassic = loaded.classic();
        assertThat(loadedClassic).isNotNull();
        assertThat(loadedClassic.durable()).isEqualTo(classic.durable());
    }

    private static @Nullable ConsumerGroup hard(@Nullable ConsumerGroup group) {
        return group == null ? null : group.with(new GroupFact.SoftChanged(SoftState.NEW));
    }

    /// When all is calm, the members that go on share all partitions of their topics.
    void checkThatItSettles() {
        calmLog();
        for (TestClient client : clients) {
            client.topics = List.of("t");
            client.isSlow = false;
        }
        for (int round = 0; round < 40; round++) {
            for (int i = 0; i < 5; i++) {
                TestClient client = clients.get(i);
                if (isClassic(i)) settleClassic(client);
                else heartbeat(client, client.epoch);
                world.loop.settle();
                check();
            }
            world.loop.advance(1_000);
        }
        ConsumerGroup consumer = world.live().entry(GROUP).consumer();
        ClassicGroup classic = classic();
        if (consumer != null) assertThat(consumer.stateLabel()).isEqualTo("Stable");
        else assertThat(classic.state()).isEqualTo(ClassicState.STABLE);
        assertThat(
                        consumer != null
                                ? consumer.members().size()
                                : classic.members().size())
                .isEqualTo(5);
    }

    private void settleClassic(TestClient client) {
        if (client.memberId.isEmpty() || client.generation < 0) watch(client.joinAsKnown());
        else watch(client.beatOrJoin());
        if (client.generation >= 0) sync(client);
    }
}
