package dev.tidemark.simulator;

import dev.tidemark.simulator.fault.Fault;
import dev.tidemark.simulator.fault.Theme;
import dev.tidemark.simulator.flaw.Flaw;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.random.RandomGenerator;

/// What a seed draws before anything happens: the cluster, its configuration, the clients, and which faults there are.
///
/// @param transactional producers of transactions, each second of which shares its id with the one before
/// @param older producers of transactions, but for each second one, are older than 4.0: they speak transaction version
///     1, in which what comes late may meet the next transaction. So nothing does ([Fault#LATE])
/// @param takesOver producers of transactions sometimes come back as others, and end what they have prepared (KIP-939).
///     This and `older` by the seed's own number: what the other seeds draw, and have found once, stays as it is
/// @param compacts internal topics and that of transactions are compacted, again and again
/// @param lossAllowed what was acknowledged may be lost, because the faults and the configuration do not rule it out
public record Scenario(
        int brokers,
        List<String> topics,
        int partitions,
        int replicas,
        int producers,
        int readers,
        int groupMembers,
        int transactional,
        boolean older,
        boolean takesOver,
        long produceEveryMs,
        long faultsMs,
        boolean flushBeforeAck,
        boolean uncleanElection,
        boolean lossAllowed,
        long sessionTimeoutMs,
        long lagTimeMaxMs,
        Set<Fault> faults,
        boolean compacts) {

    public static final int OFFSETS_PARTITIONS = 2;
    /// Where there are transactions they write to it.
    public static final String TRANSACTIONAL = "transactions";
    /// Where administrators are at work they delete it and make it anew.
    public static final String SHORT_LIVED = "short-lived";

    /// What the caller wants; the seed draws the rest.
    ///
    /// @param brokers 0 for any number
    /// @param faultsMs 0 for any time
    /// @param theme which kinds of faults there may be
    /// @param flaw a bug to put in
    public record Wishes(int brokers, long faultsMs, Theme theme, Flaw flaw) {
        public static final Wishes NONE = new Wishes(0, 0);

        public Wishes(int brokers, long faultsMs) {
            this(brokers, faultsMs, Theme.ANY, Flaw.NONE);
        }
    }

    static Scenario draw(long seed, RandomGenerator random, Wishes wishes) {
        int brokers = wishes.brokers() > 0 ? wishes.brokers() : new int[] {1, 3, 3, 3, 3, 3, 5, 5}[random.nextInt(8)];
        int replicas = Math.min(3, brokers);
        boolean flush = random.nextInt(4) == 0;
        boolean unclean = replicas > 1 && random.nextInt(8) == 0;
        Set<Fault> faults = EnumSet.noneOf(Fault.class);
        for (Fault fault : Fault.values()) {
            boolean isWanted = fault.worksWith(brokers) && wishes.theme().has(fault);
            if (isWanted && random.nextInt(wishes.theme().oneIn()) == 0) faults.add(fault);
        }
        boolean older = seed % 7 == 1 || seed % 7 == 5;
        if (older) faults.remove(Fault.LATE);
        // With flush.messages too: consumers read what is not on the disk yet.
        boolean losesUnforced = brokers == 1 && faults.contains(Fault.POWER_CUT);
        return new Scenario(
                brokers,
                random.nextInt(3) == 0 ? List.of("a", "b") : List.of("a"),
                1 + random.nextInt(3),
                replicas,
                1 + random.nextInt(3),
                1,
                random.nextInt(3) == 0 ? 0 : 1 + random.nextInt(3),
                unclean || losesUnforced || random.nextInt(2) == 0 ? 0 : 1 + random.nextInt(3),
                older,
                seed % 5 == 2,
                20 + random.nextInt(100),
                wishes.faultsMs() > 0 ? wishes.faultsMs() : 30_000 + random.nextInt(60_000),
                flush,
                unclean,
                unclean || losesUnforced,
                4_000 + random.nextInt(4_000),
                4_000 + random.nextInt(10_000),
                faults,
                random.nextBoolean());
    }

    /// Whether a topic is there that is deleted and made anew.
    public boolean hasShortLived() {
        return faults.contains(Fault.ADMIN);
    }

    /// Those that plain producers write to and readers read.
    public List<String> plainTopics() {
        List<String> plain = new ArrayList<>(topics);
        if (hasShortLived()) plain.add(SHORT_LIVED);
        return plain;
    }

    /// Those of clients.
    public List<String> allTopics() {
        List<String> all = plainTopics();
        if (transactional > 0) all.add(TRANSACTIONAL);
        return all;
    }

    public Map<String, String> brokerConfigs() {
        Map<String, String> configs = new TreeMap<>();
        configs.put("zookeeper.session.timeout.ms", Long.toString(sessionTimeoutMs));
        configs.put("replica.lag.time.max.ms", Long.toString(lagTimeMaxMs));
        configs.put("offsets.topic.num.partitions", Integer.toString(OFFSETS_PARTITIONS));
        configs.put("offsets.topic.replication.factor", Integer.toString(replicas));
        configs.put("transaction.state.log.num.partitions", "2");
        configs.put("transaction.state.log.replication.factor", Integer.toString(replicas));
        configs.put("transaction.state.log.min.isr", Integer.toString(Math.min(2, replicas)));
        if (takesOver) configs.put("unstable.api.versions.enable", "true");
        configs.put("group.initial.rebalance.delay.ms", "500");
        // So short that a member which is gone without a word is replaced before the scenario ends.
        configs.put("group.consumer.min.session.timeout.ms", "15000");
        configs.put("group.consumer.session.timeout.ms", "15000");
        if (compacts) {
            configs.put("log.roll.ms", "5000");
            configs.put("log.cleaner.backoff.ms", "1000");
            configs.put("log.cleaner.min.cleanable.ratio", "0.01");
            // So slow that faults come in the midst of it.
            configs.put("log.cleaner.io.max.bytes.per.second", "30000");
        }
        // Of the topic that groups keep their offsets in, too.
        if (flushBeforeAck && replicas > 1) configs.put("log.flush.before.ack", "true");
        return configs;
    }

    public Map<String, String> topicConfigs(String topic) {
        Map<String, String> configs = new TreeMap<>();
        if (replicas > 1) configs.put("min.insync.replicas", "2");
        if (flushBeforeAck)
            configs.put(replicas > 1 ? "flush.before.ack" : "flush.messages", replicas > 1 ? "true" : "1");
        if (uncleanElection) configs.put("unclean.leader.election.enable", "true");
        configs.put("segment.ms", "10000");
        if (compacts && topic.equals(TRANSACTIONAL)) {
            configs.put("segment.ms", "3000");
            configs.put("cleanup.policy", "compact");
            // Longer than a replica is away: one that misses a marker takes the next one of its producer for it.
            configs.put("delete.retention.ms", "60000");
        }
        return configs;
    }
}
