package dev.tidemark.simulator;

import dev.tidemark.simulator.check.GroupHistory;
import dev.tidemark.simulator.check.History;
import dev.tidemark.simulator.check.Inspector;
import dev.tidemark.simulator.check.PartitionKey;
import dev.tidemark.simulator.check.TransactionHistory;
import dev.tidemark.simulator.client.ClassicGroupMember;
import dev.tidemark.simulator.client.ClientHost;
import dev.tidemark.simulator.client.CommittedReader;
import dev.tidemark.simulator.client.ConsumerGroupMember;
import dev.tidemark.simulator.client.Probe;
import dev.tidemark.simulator.client.SimulatedAdmin;
import dev.tidemark.simulator.client.SimulatedProducer;
import dev.tidemark.simulator.client.SimulatedReader;
import dev.tidemark.simulator.client.TransactionVersion;
import dev.tidemark.simulator.client.TransactionalProducer;
import dev.tidemark.simulator.client.Work;
import dev.tidemark.simulator.cluster.SimulatedBroker;
import dev.tidemark.simulator.cluster.SimulatedCluster;
import dev.tidemark.simulator.fault.Nemesis;
import dev.tidemark.simulator.network.Machine;
import dev.tidemark.simulator.world.Findings;
import dev.tidemark.simulator.world.World;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Supplier;

/// One seed: a cluster comes up, clients work while faults happen, everything heals, and all that was promised is
/// checked.
///
/// Life cycle: made, [#run] once.
public final class Simulation {
    private static final long START_MS = 60_000;
    private static final long INSPECT_MS = 100;
    private static final long STEP_MS = 500;
    private static final long SETTLE_MS = 180_000;
    private static final long PROBE_MS = 60_000;
    private static final long DISK_LOSS_MS = 5_000;
    /// Less than any session's or lagging follower's time: nobody has to be given up first.
    private static final long WITHOUT_DISK_MS = 3_500;
    private static final String WORKERS = "workers";

    /// What came of it.
    public record Outcome(
            long seed,
            Scenario scenario,
            List<Findings.Finding> findings,
            List<String> story,
            long traceHash,
            long simulatedMs,
            long events,
            long acked,
            long read,
            long commits,
            long transactions) {
        public boolean isGood() {
            return findings.isEmpty();
        }
    }

    private final World world;
    private final Scenario scenario;
    private final SimulatedCluster cluster;
    private final History history;
    private final Inspector inspector;
    private final SimulatedAdmin admin;
    private final Nemesis nemesis;
    private final List<SimulatedProducer> producers = new ArrayList<>();
    private final List<SimulatedReader> readers = new ArrayList<>();
    private final List<Machine> clientMachines = new ArrayList<>();
    private final List<TransactionalProducer> transactionalProducers = new ArrayList<>();
    private final List<CommittedReader> committedReaders = new ArrayList<>();
    private final TransactionHistory transactions;
    private final GroupHistory newGroup;
    private final GroupHistory classicGroup;
    private int topicsMade;
    private boolean losesDisk;

    public Simulation(long seed, Scenario.Wishes wishes) {
        this.world = new World(seed);
        this.scenario = Scenario.draw(seed, world.newRandom(), wishes);
        this.cluster = new SimulatedCluster(world, scenario.brokers(), scenario.brokerConfigs(), wishes.flaw());
        this.history = new History(world.findings(), scenario.lossAllowed());
        this.transactions = new TransactionHistory(world.findings());
        this.newGroup = new GroupHistory("new-group", world.findings(), scenario.lossAllowed(), false);
        this.classicGroup = new GroupHistory("classic-group", world.findings(), scenario.lossAllowed(), true);
        this.inspector = new Inspector(cluster, scenario.lossAllowed(), scenario.compacts());
        this.admin = new SimulatedAdmin(new ClientHost(cluster, 0, "admin"));
        this.nemesis = new Nemesis(cluster, scenario, admin);
    }

    /// Prints what happens as it happens.
    public Simulation tellAll() {
        world.findings().tellAll();
        return this;
    }

    /// The same, with what the brokers log for their developers.
    public Simulation tellDetails() {
        world.findings().tellDetails();
        return tellAll();
    }

    /// After the faults one broker's disk fails for good, and clients must not wait for it.
    public Simulation losingADisk() {
        losesDisk = true;
        return this;
    }

    public Outcome run() {
        LogWatch.watch(world.findings());
        try {
            world.findings().tell("seed " + world.seed() + ": " + scenario);
            begin();
            nemesis.begin(clientMachines, () -> inspector.whatIsUnsettled().isEmpty());
            goOn(scenario.faultsMs());
            nemesis.end();
            if (losesDisk) workWithoutADisk();
            settle();
        } finally {
            LogWatch.end();
        }
        cluster.leave();
        return new Outcome(
                world.seed(),
                scenario,
                List.copyOf(world.findings().all()),
                world.findings().story(),
                world.trace().hash(),
                world.elapsedMs(),
                world.eventsDone(),
                history.ackedCount(),
                history.readCount(),
                newGroup.commits() + classicGroup.commits(),
                transactions.committed());
    }

    private void begin() {
        cluster.start();
        List<String> allTopics = scenario.allTopics();
        for (String topic : allTopics) {
            admin.create(
                    topic,
                    scenario.partitions(),
                    scenario.replicas(),
                    scenario.topicConfigs(topic),
                    () -> topicsMade++);
        }
        for (long waited = 0; waited < START_MS && topicsMade < allTopics.size(); waited += STEP_MS) goOn(STEP_MS);
        if (topicsMade < allTopics.size()) world.findings().violated("recovers", "the cluster does not come up");
        for (int i = 0; i < scenario.producers(); i++) {
            ClientHost host = new ClientHost(cluster, 10 + i, "producer-" + i);
            clientMachines.add(host.machine());
            producers.add(new SimulatedProducer(host, scenario.plainTopics(), history, scenario.produceEveryMs()));
        }
        for (int i = 0; i < scenario.readers(); i++) {
            ClientHost host = new ClientHost(cluster, 30 + i, "reader-" + i);
            clientMachines.add(host.machine());
            readers.add(new SimulatedReader(host, scenario.plainTopics(), history));
        }
        beginGroups();
        beginTransactions();
    }

    private void beginTransactions() {
        if (scenario.transactional() == 0) return;
        for (int i = 0; i < scenario.transactional(); i++) {
            boolean isOlder = scenario.older() && i % 2 == 0;
            TransactionVersion version = isOlder ? TransactionVersion.ONE : TransactionVersion.TWO;
            ClientHost host = new ClientHost(cluster, 80 + i, "transactional-" + i, version);
            clientMachines.add(host.machine());
            Work work = i < 2 ? new Work(host, WORKERS, scenario.topics().getFirst()) : null;
            transactionalProducers.add(new TransactionalProducer(
                    host, "id-" + i / 2, Scenario.TRANSACTIONAL, transactions, work, scenario.takesOver()));
        }
        ClientHost host = new ClientHost(cluster, 90, "committed-reader");
        clientMachines.add(host.machine());
        committedReaders.add(new CommittedReader(host, Scenario.TRANSACTIONAL, transactions, _ -> {}));
    }

    /// Members of one group of each kind, as the scenario wants.
    private void beginGroups() {
        for (int i = 0; i < scenario.groupMembers(); i++) {
            ClientHost host = new ClientHost(cluster, 40 + i, "member-" + i);
            clientMachines.add(host.machine());
            var _ = new ConsumerGroupMember(host, "new-group", scenario.topics().getFirst(), newGroup);
        }
        for (int i = 0; i < scenario.groupMembers(); i++) {
            ClientHost host = new ClientHost(cluster, 60 + i, "classic-" + i);
            clientMachines.add(host.machine());
            var _ = new ClassicGroupMember(
                    host, "classic-group", scenario.topics().getFirst(), classicGroup);
        }
    }

    private void goOn(long durationMs) {
        for (long done = 0; done < durationMs && world.findings().isEmpty(); done += INSPECT_MS) {
            world.run(INSPECT_MS);
            inspector.look();
        }
    }

    /// All is whole, and then a disk fails and stays so: a producer that begins now gets all of its records
    /// acknowledged by those whose disks work.
    private void workWithoutADisk() {
        for (long waited = 0; waited < SETTLE_MS && inspector.whatIsUnsettled().isPresent(); waited += STEP_MS) {
            goOn(STEP_MS);
        }
        if (!world.findings().isEmpty()) return;
        nemesis.loseDisk();
        ClientHost host = new ClientHost(cluster, 95, "producer-without-a-disk");
        SimulatedProducer producer = new SimulatedProducer(host, scenario.topics(), history, scenario.produceEveryMs());
        producers.add(producer);
        goOn(DISK_LOSS_MS);
        producer.finish();
        goOn(WITHOUT_DISK_MS);
        if (!producer.isDone() || producer.ackedCount() == 0) {
            inspector.replicas().forEach(world.findings()::tell);
            world.findings().violated("recovers", "a producer waits for a disk that has failed");
        }
        nemesis.end();
    }

    /// Everything is whole again: what is open must end, and all must come together. Then every partition must take a
    /// record, and all replicas hold it.
    private void settle() {
        producers.forEach(SimulatedProducer::finish);
        transactionalProducers.forEach(TransactionalProducer::finish);
        if (!comesTrue(SETTLE_MS, this::whatIsUnsettled)) return;
        if (history.ackedCount() == 0) world.findings().violated("made-progress", "nothing was acknowledged");
        Probe probe = probe();
        if (!comesTrue(PROBE_MS, () -> whatIsMissing(probe).or(this::whatIsUnsettled))) return;
        inspector.compareAll(history, scenario.plainTopics());
        transactions.check();
        if (scenario.transactional() == 0) return;
        checkWork();
        readAgain();
    }

    private void checkWork() {
        ClientHost host = new ClientHost(cluster, 92, "auditor");
        Work work = new Work(host, WORKERS, scenario.topics().getFirst());
        OptionalLong[] committed = {OptionalLong.empty()};
        boolean isKnown = comesTrue(PROBE_MS, () -> {
            if (committed[0].isPresent()) return Optional.empty();
            work.fetch(offset -> committed[0] = OptionalLong.of(offset), () -> {});
            return Optional.of("nobody tells how far the group " + WORKERS + " is");
        });
        if (isKnown) transactions.checkOutputs(committed[0].orElseThrow());
    }

    /// Whoever comes now finds the newest of each key.
    private void readAgain() {
        Set<String> found = new HashSet<>();
        ClientHost host = new ClientHost(cluster, 93, "latecomer");
        CommittedReader reader = new CommittedReader(host, Scenario.TRANSACTIONAL, transactions, found::add);
        boolean isDone =
                comesTrue(PROBE_MS, () -> inspector.whatIsUnread(reader::position, List.of(Scenario.TRANSACTIONAL)));
        if (isDone) transactions.checkKept(found);
    }

    /// Waits until nothing is left to wait for; a finding where that takes too long.
    private boolean comesTrue(long timeoutMs, Supplier<Optional<String>> whatIsLeft) {
        Optional<String> left = Optional.of("");
        for (long waited = 0; waited < timeoutMs && left.isPresent(); waited += STEP_MS) {
            goOn(STEP_MS);
            if (!world.findings().isEmpty()) return false;
            left = whatIsLeft.get();
        }
        if (left.isEmpty()) return true;
        inspector.replicas().forEach(world.findings()::tell);
        world.findings().violated("recovers", left.get());
        return false;
    }

    private Probe probe() {
        ClientHost host = new ClientHost(cluster, 91, "probe");
        return new Probe(host, inspector.partitions(scenario.allTopics()), new Probe.Witness() {
            @Override
            public void onSend(PartitionKey partition, String value) {
                if (partition.topic().equals(Scenario.TRANSACTIONAL)) transactions.onSendOutside(value);
                else history.onSend(partition, value, -1, -1);
            }

            @Override
            public void onAcked(PartitionKey partition, String value, long offset) {
                if (!partition.topic().equals(Scenario.TRANSACTIONAL))
                    history.onAcked(value, offset, History.Fate.ACKED);
            }
        });
    }

    private static Optional<String> whatIsMissing(Probe probe) {
        return probe.missing().isEmpty() ? Optional.empty() : Optional.of("no record was taken by " + probe.missing());
    }

    private Optional<String> whatIsUnsettled() {
        for (SimulatedBroker broker : cluster.brokers()) {
            if (!broker.isServing()) return Optional.of("broker " + broker.id() + " does not serve");
        }
        if (!admin.isDone()) return Optional.of("a topic is not made anew");
        for (SimulatedProducer producer : producers) {
            if (!producer.isDone()) return Optional.of("a producer waits for acknowledgements");
        }
        for (TransactionalProducer producer : transactionalProducers) {
            if (!producer.isDone()) return Optional.of("a transactional producer does not end: " + producer);
        }
        for (CommittedReader reader : committedReaders) {
            Optional<String> behind = inspector.whatIsUnread(reader::position, List.of(Scenario.TRANSACTIONAL));
            if (behind.isPresent()) return behind;
        }
        Optional<String> inside = inspector.whatIsUnsettled();
        if (inside.isPresent()) return inside;
        for (SimulatedReader reader : readers) {
            Optional<String> behind = inspector.whatIsUnread(reader::position, scenario.plainTopics());
            if (behind.isPresent()) return behind;
        }
        return Optional.empty();
    }
}
