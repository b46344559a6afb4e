package dev.tidemark.metadata.control;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.base.TopicPartition;
import dev.tidemark.base.Uuid;
import dev.tidemark.metadata.control.Fixture.Node;
import dev.tidemark.metadata.controller.ControllerInput;
import dev.tidemark.metadata.controller.ControllerInput.IsrChange;
import dev.tidemark.metadata.controller.ControllerInput.IsrMember;
import dev.tidemark.metadata.controller.ControllerInput.Origin;
import dev.tidemark.metadata.controller.ControllerInput.Reassignment;
import dev.tidemark.metadata.controller.ControllerInput.TopicSelector;
import dev.tidemark.metadata.controller.PartitionsRequest;
import dev.tidemark.metadata.controller.TopicRequest;
import dev.tidemark.metadata.image.BrokerRegistration;
import dev.tidemark.metadata.image.ClusterImage;
import dev.tidemark.metadata.image.ControllerImage;
import dev.tidemark.metadata.image.OfflineReplicas;
import dev.tidemark.metadata.image.PartitionRegistration;
import dev.tidemark.metadata.image.TopicImage;
import dev.tidemark.metadata.store.StoreOp;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;

/// Control planes under requests and faults that a seed chooses. Every write is held to [StateChecks]; at the end all
/// is mended, and then every broker must have come back and know the same.
final class RandomCluster {
    private static final int BROKERS = 4;
    private static final int TOPICS = 5;

    private final Random random;
    private final Fixture fixture = new Fixture();
    private final StateChecks checks = new StateChecks();
    private final SortedMap<Integer, Member> running = new TreeMap<>();
    private final SortedMap<Integer, Long> lastSessions = new TreeMap<>();

    /// How each broker ended last.
    private final SortedMap<Integer, Boolean> stoppedCleanly = new TreeMap<>();

    private final List<String> story = new ArrayList<>();
    private long lastTopic;

    /// @param asked what was asked of this process and must be answered while it lives
    private record Member(Node node, List<CompletableFuture<?>> asked) {
        int id() {
            return node.plane().settings().brokerId();
        }

        ClusterImage image() {
            return node.plane().image();
        }
    }

    RandomCluster(long seed) {
        random = new Random(seed);
        fixture.ensemble.observe(op -> {
            tell("    " + described(op));
            checks.onWrite(op);
        });
    }

    void run(int steps) {
        moveStoreLeader();
        for (int id = 1; id <= BROKERS; id++) start(id);
        fixture.loop.settle();
        for (int i = 0; i < steps; i++) {
            act();
            passTime();
        }
        heal();
        check();
    }

    /// What has happened, to be read by those who look for a cause.
    List<String> story() {
        return story;
    }

    private static String described(StoreOp op) {
        return switch (op) {
            case StoreOp.Create(var path, var data, var _) -> "create " + path + " " + data.toUtf8();
            case StoreOp.SetData(var path, var data, var version) ->
                "set " + path + "@" + version + " " + data.toUtf8();
            case StoreOp.Delete(var path, var version) -> "delete " + path + "@" + version;
            case StoreOp.CheckVersion(var path, var version) -> "check " + path + "@" + version;
        };
    }

    private void tell(String line) {
        story.add(fixture.loop.clock().wallMs() + " " + line);
    }

    private void passTime() {
        int kind = random.nextInt(10);
        if (kind < 6) for (int i = random.nextInt(25); i > 0 && fixture.loop.step(); i--) {}
        else if (kind < 9) fixture.loop.advance(random.nextInt(200));
        else fixture.loop.advance(random.nextInt((int) (2 * Fixture.SESSION_TIMEOUT_MS)));
    }

    private void act() {
        int id = 1 + random.nextInt(BROKERS);
        Member member = running.get(id);
        if (member == null) {
            if (random.nextInt(3) == 0) start(id);
            return;
        }
        int kind = random.nextInt(100);
        if (kind < 60) ask(member);
        else if (kind < 85) disturb(member);
        else accuse(member);
    }

    private void start(int id) {
        tell("start " + id);
        boolean clean = stoppedCleanly.getOrDefault(id, true);
        long past = random.nextBoolean() ? lastSessions.getOrDefault(id, -1L) : -1L;
        Node node = fixture.node(id, session -> session == past);
        running.put(id, new Member(node, new ArrayList<>()));
        stoppedCleanly.put(id, false);
        BrokerRegistration broker = clean ? Fixture.registration(id) : Fixture.unclean(id);
        var _ = node.plane()
                .load()
                .thenCompose(_ -> node.plane().register(broker))
                .whenComplete((epoch, failure) -> {
                    if (failure == null) node.joined().complete(epoch);
                    else node.joined().completeExceptionally(failure);
                });
    }

    private void kill(Member member) {
        lastSessions.put(member.id(), member.node().store().sessionId());
        member.node().store().abandon();
        running.remove(member.id());
    }

    private void stop(Member member) {
        running.remove(member.id());
        int id = member.id();
        var _ = member.node().plane().stop();
        // Nothing is led once the session has ended: the logs are closed then.
        stoppedCleanly.put(id, true);
    }

    private void disturb(Member member) {
        var store = member.node().store();
        int kind = random.nextInt(13);
        tell("disturb " + member.id() + " by " + kind);
        switch (kind) {
            case 0, 1 -> kill(member);
            case 2 -> stop(member);
            case 3 -> member.asked.add(member.node().plane().controlledShutdown());
            case 4, 5 -> store.disconnect();
            case 6, 7 -> store.reconnect();
            case 8 -> fixture.ensemble.expire(store);
            case 9 -> store.latencyMs(random.nextInt(4) * 50L);
            case 10 -> store.loseReplies(1 + random.nextInt(2));
            case 11 ->
                member.node()
                        .plane()
                        .onOfflineReplicas(random.nextBoolean() ? OfflineReplicas.ALL : someOffline(member));
            default -> {
                if (random.nextBoolean()) fixture.ensemble.loseQuorum();
                else fixture.ensemble.regainQuorum();
                moveStoreLeader();
            }
        }
    }

    /// It runs beside a broker, or beside none.
    private void moveStoreLeader() {
        int beside = random.nextInt(BROKERS + 1);
        tell("the store's leader runs beside " + beside);
        fixture.ensemble.leadBeside(beside);
    }

    /// Of one topic, or none.
    private OfflineReplicas someOffline(Member member) {
        TopicImage topic =
                member.image().topics().topic("t" + random.nextInt(TOPICS)).orElse(null);
        if (topic == null) return OfflineReplicas.NONE;
        return new OfflineReplicas(false, new TreeMap<>(Map.of(topic.id(), List.of(random.nextInt(3)))));
    }

    /// Somebody takes a process for dead, and mostly rightly.
    private void accuse(Member accuser) {
        ClusterImage image = accuser.image();
        ControllerImage controller = image.controller();
        boolean falsely = random.nextInt(6) == 0;
        if (controller.isKnown() && (falsely || !running.containsKey(controller.brokerId()))) {
            tell(accuser.id() + " takes controller " + controller + " for dead");
            accuser.node().plane().onControllerDead(controller.brokerId(), controller.epoch());
        }
        for (BrokerRegistration broker : image.brokers().values()) {
            if (!running.containsKey(broker.id()) || random.nextInt(20) == 0) {
                tell(accuser.id() + " takes broker " + broker.id() + " for dead");
                accuser.node().plane().onBrokerDead(broker.id(), broker.epoch());
            }
        }
    }

    private void ask(Member member) {
        String name = "t" + random.nextInt(TOPICS);
        int kind = random.nextInt(20);
        if (kind < 4) {
            int factor = 1 + random.nextInt(3);
            var topic = TopicRequest.of(name, new Uuid(9, ++lastTopic), 1 + random.nextInt(3), factor);
            submit(member, new ControllerInput.CreateTopics(List.of(topic), false, Origin.CLIENT, random.nextInt(9)));
        } else if (kind == 4) {
            submit(member, new ControllerInput.DeleteTopics(List.of(TopicSelector.byName(name)), Origin.CLIENT));
        } else if (kind == 5) {
            var more = new PartitionsRequest(name, 2 + random.nextInt(4), List.of());
            submit(member, new ControllerInput.CreatePartitions(List.of(more), false, Origin.CLIENT, 0));
        } else if (kind == 6) {
            submit(member, new ControllerInput.ElectLeaders(ControllerInput.ElectionType.PREFERRED, Optional.empty()));
        } else if (kind == 7) {
            submit(member, new ControllerInput.BalanceLeaders(0));
        } else if (kind < 12) {
            reassign(member, name);
        } else {
            alterIsr(member, random.nextInt(3) == 0);
        }
    }

    private void submit(Member member, ControllerInput input) {
        tell("ask " + member.id() + " for " + input);
        member.asked.add(member.node().plane().submit(input));
    }

    private void reassign(Member member, String name) {
        TopicImage topic = member.image().topics().topic(name).orElse(null);
        if (topic == null) return;
        List<Integer> target = new ArrayList<>();
        for (int id = 1; id <= BROKERS; id++) target.add(id);
        Collections.shuffle(target, random);
        Optional<List<Integer>> replicas = random.nextInt(4) == 0
                ? Optional.empty()
                : Optional.of(List.copyOf(target.subList(0, 1 + random.nextInt(3))));
        var partition = new TopicPartition(name, random.nextInt(topic.partitionCount()));
        submit(
                member,
                new ControllerInput.AlterPartitionReassignments(List.of(new Reassignment(partition, replicas)), true));
    }

    /// What a broker leads it wants to have some other ISR, or all replicas in it.
    private void alterIsr(Member leader, boolean some) {
        ClusterImage image = leader.image();
        Member controller = running.get(image.controller().brokerId());
        if (controller == null || leader.node().plane().brokerEpoch() < 0) return;
        List<IsrChange> changes = new ArrayList<>();
        for (TopicImage topic : image.topics().byName().values()) {
            int index = -1;
            for (PartitionRegistration partition : topic.partitions()) {
                index++;
                if (partition.leader() != leader.id()) continue;
                List<IsrMember> isr = members(leader, partition, some);
                checks.onProposal(new TopicPartition(topic.name(), index), partition.leaderEpoch(), isr);
                changes.add(new IsrChange(topic.id(), index, partition.leaderEpoch(), partition.partitionEpoch(), isr));
            }
        }
        if (changes.isEmpty()) return;
        submit(
                controller,
                new ControllerInput.AlterPartition(
                        leader.id(), leader.node().plane().brokerEpoch(), changes));
    }

    private List<IsrMember> members(Member leader, PartitionRegistration partition, boolean some) {
        List<IsrMember> members = new ArrayList<>();
        for (int replica : partition.replicas()) {
            if (some && replica != leader.id() && random.nextBoolean()) continue;
            leader.image().broker(replica).ifPresent(b -> members.add(new IsrMember(replica, b.epoch())));
        }
        return members;
    }

    private void heal() {
        tell("heal");
        fixture.ensemble.regainQuorum();
        for (Member member : running.values()) {
            member.node().store().loseReplies(0);
            member.node().store().latencyMs(0);
            member.node().store().reconnect();
            member.node().plane().onOfflineReplicas(OfflineReplicas.NONE);
        }
        for (int round = 0; round < 3; round++) {
            for (int id = 1; id <= BROKERS; id++) {
                Member member = running.get(id);
                boolean leaves = member != null && (isRefused(member) || isShuttingDown(member));
                if (member != null && leaves) stop(member);
                if (!running.containsKey(id)) start(id);
            }
            fixture.loop.advance(3 * Fixture.SESSION_TIMEOUT_MS);
        }
        for (int round = 0; round < 3; round++) {
            List.copyOf(running.values()).forEach(member -> alterIsr(member, false));
            fixture.loop.advance(1_000);
        }
    }

    private static boolean isRefused(Member member) {
        return member.node().joined().isCompletedExceptionally();
    }

    private boolean isShuttingDown(Member member) {
        BrokerRegistration broker = checks.brokers().get(member.id());
        return broker != null && broker.shuttingDown();
    }

    private void check() {
        assertThat(checks.brokers()).as("registered").containsOnlyKeys(1, 2, 3, 4);
        Set<Integer> controllers = new HashSet<>();
        for (Member member : running.values()) {
            assertThat(member.node().joined())
                    .as(
                            "joining of broker %d, epoch %d, %s",
                            member.id(),
                            member.node().plane().brokerEpoch(),
                            member.image().controller())
                    .isCompleted();
            assertThat(member.asked).as("requests to broker %d", member.id()).allMatch(CompletableFuture::isDone);
            if (member.node().plane().isController()) controllers.add(member.id());
        }
        assertThat(controllers).as("controllers").hasSize(1);
        Node reader = fixture.node(9, _ -> false);
        var _ = reader.plane().load();
        fixture.loop.settle();
        ClusterImage stored = reader.plane().image();
        running.values().forEach(member -> assertSame(member, stored));
        assertThat(stored.topics().deleting()).isEmpty();
        stored.topics().byName().values().forEach(RandomCluster::assertWhole);
    }

    private static void assertSame(Member member, ClusterImage stored) {
        ClusterImage image = member.image();
        String broker = "what broker " + member.id() + " knows";
        stored.topics().byName().forEach((name, topic) -> {
            assertThat(image.topics().topic(name)).as(broker).contains(topic);
        });
        assertThat(image.topics().byName().keySet())
                .as(broker)
                .isEqualTo(stored.topics().byName().keySet());
        assertThat(image.topics().deleting())
                .as(broker)
                .isEqualTo(stored.topics().deleting());
        assertThat(image.brokers()).as(broker).isEqualTo(stored.brokers());
        assertThat(image.configs()).as(broker).isEqualTo(stored.configs());
        assertThat(image.features()).as(broker).isEqualTo(stored.features());
        assertThat(image.controller()).as(broker).isEqualTo(stored.controller());
    }

    private static void assertWhole(TopicImage topic) {
        for (PartitionRegistration partition : topic.partitions()) {
            assertThat(partition.hasLeader())
                    .as("%s: %s", topic.name(), partition)
                    .isTrue();
            assertThat(partition.isBeingReassigned())
                    .as("%s: %s", topic.name(), partition)
                    .isFalse();
            assertThat(partition.isr())
                    .as("%s: %s", topic.name(), partition)
                    .containsExactlyInAnyOrderElementsOf(partition.replicas());
        }
    }
}
