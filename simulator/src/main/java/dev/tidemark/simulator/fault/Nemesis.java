package dev.tidemark.simulator.fault;

import dev.tidemark.base.TopicPartition;
import dev.tidemark.base.disk.DiskOperation;
import dev.tidemark.simulator.Scenario;
import dev.tidemark.simulator.client.SimulatedAdmin;
import dev.tidemark.simulator.cluster.SimulatedBroker;
import dev.tidemark.simulator.cluster.SimulatedCluster;
import dev.tidemark.simulator.network.Machine;
import dev.tidemark.simulator.network.SimulatedNetwork;
import dev.tidemark.simulator.world.World;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;

/// Brings the faults of a scenario, at times that the seed draws, and takes them back in the end.
public final class Nemesis {
    private static final long PAUSE_BETWEEN_MS = 6_000;
    private static final long ROOM = 200_000;
    /// What may be changed of a topic without a promise being taken back.
    private static final SortedMap<String, List<String>> CONFIGS = new TreeMap<>(Map.of(
            "segment.ms",
            List.of("3000", "20000"),
            "compression.type",
            List.of("producer", "lz4", "zstd", "uncompressed"),
            "message.timestamp.type",
            List.of("CreateTime", "LogAppendTime"),
            "index.interval.bytes",
            List.of("100", "4096")));

    private final SimulatedCluster cluster;
    private final Scenario scenario;
    private final World world;
    private final SimulatedNetwork network;
    private final RandomGenerator random;
    private final List<Fault> faults;
    private final List<Machine> clients = new ArrayList<>();
    private final SimulatedAdmin admin;
    private BooleanSupplier isWhole = () -> true;
    private boolean active;
    private boolean over;

    /// @param admin who moves and changes topics where the scenario wants that
    public Nemesis(SimulatedCluster cluster, Scenario scenario, SimulatedAdmin admin) {
        this.admin = admin;
        this.cluster = cluster;
        this.scenario = scenario;
        this.world = cluster.world();
        this.network = cluster.network();
        this.random = world.newRandom();
        this.faults = List.copyOf(scenario.faults());
    }

    /// @param clientMachines who may be cut from brokers
    /// @param whole whether all replicas are in sync, so that one of them may lose its tail
    public void begin(List<Machine> clientMachines, BooleanSupplier whole) {
        clients.addAll(clientMachines);
        isWhole = whole;
        active = !faults.isEmpty();
        if (active) next();
    }

    /// Takes everything back.
    public void end() {
        active = false;
        over = true;
        tell("everything heals");
        cluster.regainStoreQuorum();
        for (SimulatedBroker broker : cluster.brokers()) {
            broker.mendDisk();
            broker.wallOffsetMs(0); // Where it is hours late it refuses what clients write as coming from the future.
            broker.resume();
            broker.start();
            broker.storeReachable(true);
            broker.storeLatencyMs(0);
            for (SimulatedBroker other : cluster.brokers()) makeWhole(broker.machine(), other.machine());
            for (Machine client : clients) makeWhole(broker.machine(), client);
        }
    }

    /// From now on the disk of one broker takes nothing more, until [#end].
    public void loseDisk() {
        SimulatedBroker victim = any();
        tell("the disk of broker " + victim.id() + " fails for good");
        victim.disk().hook((operation, path, bytes) -> {
            if (operation == DiskOperation.WRITE || operation == DiskOperation.FORCE) {
                throw new IOException("Input/output error");
            }
        });
    }

    private void heal(Machine one, Machine other) {
        network.heal(one, other);
        network.heal(other, one);
    }

    private void makeWhole(Machine one, Machine other) {
        heal(one, other);
        network.unstall(one, other);
        network.unstall(other, one);
    }

    private void next() {
        world.after(200 + random.nextLong(PAUSE_BETWEEN_MS), () -> {
            if (!active) return;
            bring(faults.get(random.nextInt(faults.size())));
            next();
        });
    }

    private SimulatedBroker any() {
        return cluster.broker(1 + random.nextInt(cluster.brokers().size()));
    }

    /// Any one that has opened its logs: see [SimulatedBroker#start].
    private Optional<SimulatedBroker> serving() {
        return Optional.of(any()).filter(SimulatedBroker::isServing);
    }

    private void bring(Fault fault) {
        switch (fault) {
            case KILL -> {
                SimulatedBroker victim = any();
                victim.kill();
                startAfter(victim, 8_000);
            }
            case KILL_ALL -> {
                cluster.brokers().forEach(SimulatedBroker::kill);
                cluster.brokers().forEach(broker -> startAfter(broker, 5_000));
            }
            case ROLL -> roll();
            case PAUSE -> {
                SimulatedBroker victim = any();
                victim.pause();
                later(2 * scenario.sessionTimeoutMs(), victim::resume);
            }
            case LAG_KILL -> killAlone();
            case CONTROLLER_FLAP -> killControllers(2 + random.nextInt(4));
            case PARTITION -> partition();
            case CLIENT_PARTITION -> {
                if (!clients.isEmpty()) cut(clients.get(random.nextInt(clients.size())), any().machine());
            }
            case HALF_OPEN -> {
                Machine one = any().machine();
                if (network.silence(peerOf(one), one)) tell("a connection with " + one + " is half open");
            }
            case LATE -> stall();
            case RESET -> {
                Machine one = any().machine();
                if (network.reset(peerOf(one), one)) tell("a connection with " + one + " breaks");
            }
            case SLOW -> slow();
            case POWER_CUT -> cutPower();
            case CORRUPT -> corrupt();
            case DISK_STALL -> any().stallDisk(1_000 + random.nextLong(15_000));
            case DISK_ERROR -> serving().ifPresent(this::failDisk);
            case DISK_FULL -> serving().ifPresent(this::fillDisk);
            case CLOCK_JUMP -> any().wallOffsetMs(random.nextLong(-7_200_000, 7_200_000));
            case STORE_SESSION -> storeSession();
            case STORE_QUORUM -> {
                tell("the store loses its quorum");
                cluster.ensemble().loseQuorum();
                later(20_000, () -> {
                    tell("the store has a quorum again");
                    cluster.regainStoreQuorum();
                });
            }
            case STORE_LEADER -> changeStoreLeader();
            case STORE_SLOW -> {
                SimulatedBroker victim = any();
                if (random.nextBoolean()) {
                    victim.loseStoreReplies(1);
                } else {
                    victim.storeLatencyMs(random.nextLong(3_000));
                    later(10_000, () -> victim.storeLatencyMs(0));
                }
            }
            case ADMIN -> administer();
        }
    }

    private void administer() {
        List<String> topics = scenario.allTopics();
        String topic = topics.get(random.nextInt(topics.size()));
        int partition = random.nextInt(scenario.partitions());
        switch (random.nextInt(5)) {
            case 0, 1 -> move(topic, partition);
            case 2 -> admin.electPreferred(topic, partition);
            case 3 -> {
                List<String> configs = List.copyOf(CONFIGS.keySet());
                String config = configs.get(random.nextInt(configs.size()));
                List<String> values = CONFIGS.getOrDefault(config, List.of());
                admin.configure(topic, config, values.get(random.nextInt(values.size())));
            }
            default ->
                admin.recreate(
                        Scenario.SHORT_LIVED,
                        scenario.partitions(),
                        scenario.replicas(),
                        scenario.topicConfigs(Scenario.SHORT_LIVED));
        }
    }

    /// Sometimes the leader does not live to see it through, or the administrator thinks better of it.
    private void move(String topic, int partition) {
        admin.reassign(topic, partition, someReplicas());
        if (random.nextInt(3) == 0) later(3_000, () -> admin.cancelMove(topic, partition));
        if (cluster.brokers().size() < 3 || random.nextBoolean()) return;
        later(
                2_000,
                () -> cluster.stored(new TopicPartition(topic, partition))
                        .filter(state -> state.leader() > 0)
                        .map(state -> cluster.broker(state.leader()))
                        .ifPresent(leader -> {
                            leader.kill();
                            startAfter(leader, 8_000);
                        }));
    }

    /// As many as before, or one less where two are left then.
    private List<Integer> someReplicas() {
        List<Integer> ids = new ArrayList<>();
        for (SimulatedBroker broker : cluster.brokers()) ids.add(random.nextInt(ids.size() + 1), broker.id());
        int fewest = Math.min(2, scenario.replicas());
        return List.copyOf(ids.subList(0, fewest + random.nextInt(scenario.replicas() - fewest + 1)));
    }

    private void tell(String what) {
        world.findings().tell(what);
    }

    /// What was brought is taken back in time, also while nothing new is brought.
    private void later(long atMostMs, Runnable task) {
        world.after(100 + random.nextLong(atMostMs), () -> {
            if (!over) task.run();
        });
    }

    private void startAfter(SimulatedBroker broker, long atMostMs) {
        later(atMostMs, broker::start);
    }

    private void roll() {
        long at = 0;
        for (SimulatedBroker broker : cluster.brokers()) {
            at += random.nextLong(4_000);
            world.after(at, () -> {
                if (!active) return;
                broker.stop(10_000);
                startAfter(broker, 12_000);
            });
        }
    }

    /// What it has alone by then nobody was told to be safe.
    private void killAlone() {
        SimulatedBroker victim = any();
        tell("nobody copies from " + victim.machine());
        for (SimulatedBroker other : cluster.brokers())
            if (!other.equals(victim)) network.block(other.machine(), victim.machine());
        later(scenario.lagTimeMaxMs() + 2_000, () -> {
            if (active) {
                victim.kill();
                startAfter(victim, 8_000);
            }
            for (SimulatedBroker other : cluster.brokers())
                if (!other.equals(victim)) heal(victim.machine(), other.machine());
        });
    }

    private void killControllers(int times) {
        if (times == 0 || !active) return;
        cluster.controller().ifPresent(victim -> {
            victim.kill();
            startAfter(victim, 1_500);
        });
        world.after(100 + random.nextLong(scenario.sessionTimeoutMs() / 3), () -> killControllers(times - 1));
    }

    private void changeStoreLeader() {
        cluster.controller().ifPresent(victim -> {
            victim.kill();
            startAfter(victim, 8_000);
        });
        for (SimulatedBroker broker : cluster.brokers()) broker.storeLatencyMs(random.nextLong(100));
        later(500, () -> {
            tell("the store changes its leader");
            for (SimulatedBroker broker : cluster.brokers()) broker.storeLatencyMs(0);
            cluster.ensemble().loseQuorum();
            later(2_000, cluster::regainStoreQuorum);
        });
    }

    private Machine peerOf(Machine broker) {
        List<Machine> others = new ArrayList<>(clients);
        for (SimulatedBroker other : cluster.brokers())
            if (!other.machine().equals(broker)) others.add(other.machine());
        return others.get(random.nextInt(others.size()));
    }

    private void partition() {
        SimulatedBroker alone = any();
        boolean bothWays = random.nextBoolean();
        boolean outwards = random.nextBoolean();
        tell(alone.machine() + " is cut from the others" + (bothWays ? "" : outwards ? ", outwards" : ", inwards"));
        for (SimulatedBroker other : cluster.brokers()) {
            if (other.equals(alone)) continue;
            if (bothWays || outwards) network.block(alone.machine(), other.machine());
            if (bothWays || !outwards) network.block(other.machine(), alone.machine());
        }
        if (random.nextInt(3) == 0) alone.storeReachable(false);
        later(20_000, () -> {
            tell(alone.machine() + " is with the others again");
            alone.storeReachable(true);
            for (SimulatedBroker other : cluster.brokers()) heal(alone.machine(), other.machine());
        });
    }

    private void cut(Machine one, Machine other) {
        tell(one + " is cut from " + other);
        network.block(one, other);
        if (random.nextBoolean()) network.block(other, one);
        later(15_000, () -> heal(one, other));
    }

    /// Longer than clients and brokers wait for an answer: by then they have sent it again over another connection.
    private void stall() {
        Machine to = any().machine();
        Machine from = peerOf(to);
        if (!network.stall(from, to)) return;
        tell("what " + from + " sends to " + to + " over one connection is late");
        later(30_000, () -> {
            tell("what was late from " + from + " reaches " + to);
            network.unstall(from, to);
        });
    }

    private void slow() {
        Machine one = any().machine();
        Machine other = peerOf(one);
        long extraMs = 10 + random.nextLong(2_000);
        tell("from " + one + " to " + other + " it takes " + extraMs + " ms more");
        network.slow(one, other, extraMs);
        later(15_000, () -> heal(one, other));
    }

    /// Without a force before each acknowledgement one machine at a time may lose what it had, and only while the
    /// others have it too.
    private void cutPower() {
        if (scenario.flushBeforeAck() || scenario.lossAllowed()) {
            for (SimulatedBroker broker : cluster.brokers()) {
                if (random.nextBoolean()) {
                    broker.cutPower();
                    startAfter(broker, 8_000);
                }
            }
            return;
        }
        takeTailOfOne(SimulatedBroker::cutPower);
    }

    /// Tails of logs only where the others have them, too, and an unclean stop is told. All else the logs tell.
    private void corrupt() {
        boolean tearsTails = cluster.brokers().size() > 1 && !scenario.flushBeforeAck() && random.nextBoolean();
        if (tearsTails) {
            takeTailOfOne(victim -> {
                victim.kill();
                victim.damageDisk(true);
            });
            return;
        }
        SimulatedBroker victim = any();
        victim.kill();
        victim.damageDisk(false);
        startAfter(victim, 8_000);
    }

    /// Nothing else happens until all replicas are complete again.
    private void takeTailOfOne(Consumer<SimulatedBroker> how) {
        if (!isWhole.getAsBoolean()) return;
        active = false;
        SimulatedBroker victim = any();
        how.accept(victim);
        world.after(random.nextLong(8_000), victim::start);
        waitUntilWhole();
    }

    private void waitUntilWhole() {
        world.after(500, () -> {
            if (over) return;
            if (!isWhole.getAsBoolean()) {
                waitUntilWhole();
                return;
            }
            active = true;
            next();
        });
    }

    private void failDisk(SimulatedBroker broker) {
        tell("the disk of broker " + broker.id() + " fails");
        int every = 1 + random.nextInt(4);
        int[] count = {0};
        DiskOperation only = random.nextBoolean() ? DiskOperation.FORCE : null;
        broker.disk().hook((operation, path, bytes) -> {
            boolean writes = operation == DiskOperation.WRITE
                    || operation == DiskOperation.FORCE
                    || operation == DiskOperation.RENAME
                    || operation == DiskOperation.FORCE_DIRECTORY;
            if (!writes || (only != null && operation != only)) return;
            if (count[0]++ % every == 0) throw new IOException("Input/output error");
        });
        later(10_000, () -> {
            tell("the disk of broker " + broker.id() + " works again");
            broker.mendDisk();
        });
    }

    private void fillDisk(SimulatedBroker broker) {
        tell("the disk of broker " + broker.id() + " is full");
        broker.disk().capacityBytes(random.nextLong(ROOM));
        later(10_000, () -> {
            tell("the disk of broker " + broker.id() + " has room again");
            broker.mendDisk();
        });
    }

    private void storeSession() {
        SimulatedBroker victim = any();
        if (random.nextBoolean()) {
            victim.expireSession();
            return;
        }
        victim.storeReachable(false);
        later(2 * scenario.sessionTimeoutMs(), () -> victim.storeReachable(true));
    }
}
