package dev.tidemark.compatibility.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.bench.broker.Node;
import dev.tidemark.bench.broker.ProjectRoot;
import dev.tidemark.bench.broker.RunningBroker;
import dev.tidemark.bench.broker.RunningCluster;
import dev.tidemark.bench.broker.TempFolder;
import dev.tidemark.bench.load.SequenceWriter;
import dev.tidemark.compatibility.SharedBroker;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.TopicPartitionInfo;
import org.jspecify.annotations.Nullable;

/// A cluster of three processes with a topic of three replicas, a writer and a group on it; faults come in between, and
/// in the end nothing that was acknowledged is missing, out of order, or there twice.
final class FaultRun implements AutoCloseable {
    static final String TOPIC = "numbers";
    static final int PARTITIONS = 6;
    static final Duration RECOVERY = Duration.ofSeconds(60);
    private static final int NODES = 3;
    private static final int RECORDS_PER_SECOND = 300;

    private static final Map<String, String> SETTINGS = Map.of(
            "offsets.topic.replication.factor", "3",
            "offsets.topic.num.partitions", "4",
            "min.insync.replicas", "2",
            "default.replication.factor", "3",
            "group.initial.rebalance.delay.ms", "0");

    private final String name;
    private final TempFolder folder;
    private final RunningCluster cluster;
    private final Admin admin;
    private final SequenceWriter writer;
    private final GroupWatch group;

    private FaultRun(String name, TempFolder folder, RunningCluster cluster) throws Exception {
        this.name = name;
        this.folder = folder;
        this.cluster = cluster;
        cluster.awaitWhole();
        admin = Admin.create(Map.of("bootstrap.servers", cluster.bootstrap()));
        admin.createTopics(List.of(new NewTopic(TOPIC, PARTITIONS, (short) NODES)))
                .all()
                .get(30, TimeUnit.SECONDS);
        writer = new SequenceWriter(cluster.bootstrap(), TOPIC, PARTITIONS, RECORDS_PER_SECOND, Map.of());
        group = new GroupWatch(cluster.bootstrap(), TOPIC, "readers");
        writer.mark();
        writer.awaitAckOfAll(RECOVERY);
    }

    static FaultRun start(String name) throws Exception {
        return start(name, Map.of());
    }

    static FaultRun start(String name, Map<String, String> settings) throws Exception {
        return start(name, settings, null);
    }

    /// @param settings of every broker, over those of all runs
    /// @param links where the brokers shall find each other through them
    static FaultRun start(String name, Map<String, String> settings, @Nullable BrokerLinks links) throws Exception {
        Map<String, String> all = new HashMap<>(SETTINGS);
        all.putAll(settings);
        TempFolder folder = TempFolder.create(null, "tidemark-cluster-");
        List<Node> nodes = Node.cluster(folder.path(), NODES, _ -> all);
        RunningCluster cluster =
                RunningCluster.start(SharedBroker.product(), links == null ? nodes : links.between(nodes));
        try {
            return new FaultRun(name, folder, cluster);
        } catch (Exception | AssertionError e) {
            keepOutput(name, cluster);
            cluster.close();
            folder.close();
            throw e;
        }
    }

    RunningCluster cluster() {
        return cluster;
    }

    RunningBroker broker(int id) {
        return cluster.broker(id);
    }

    /// The leader of the topic's partition.
    int leader(int partition) throws Exception {
        var leader = describe().partitions().get(partition).leader();
        return leader == null ? -1 : leader.id();
    }

    int controller() throws Exception {
        return admin.describeCluster().controller().get(30, TimeUnit.SECONDS).id();
    }

    private TopicDescription describe() throws Exception {
        return admin.describeTopics(List.of(TOPIC)).topicNameValues().get(TOPIC).get(30, TimeUnit.SECONDS);
    }

    /// Call it right before a fault; [#recovered] counts from here.
    void mark() {
        writer.mark();
    }

    /// Waits until every partition acknowledges again.
    Duration recovered() throws Exception {
        Duration took = writer.awaitAckOfAll(RECOVERY);
        System.out.println("cluster: " + name + ": acknowledged on every partition after " + took.toMillis() + " ms");
        return took;
    }

    /// Starts a broker again and waits until it is back in every in-sync set.
    void restart(int id) throws Exception {
        broker(id).launch();
        broker(id).awaitFirstAnswer();
        awaitAllInSync();
    }

    void awaitAllInSync() throws Exception {
        long startNs = System.nanoTime();
        while (!allInSync()) {
            assertThat(Duration.ofNanos(System.nanoTime() - startNs))
                    .as("time for all replicas to be in sync")
                    .isLessThan(RECOVERY);
            TimeUnit.MILLISECONDS.sleep(50);
        }
    }

    private boolean allInSync() throws Exception {
        try {
            List<TopicPartitionInfo> partitions = describe().partitions();
            return partitions.stream()
                    .allMatch(p -> p.isr().size() == p.replicas().size());
        } catch (ExecutionException notNow) {
            return false;
        }
    }

    /// Lets the writer end and checks everything.
    void check() throws Exception {
        writer.finish();
        assertThat(writer.refused()).as("records that the producer gave up").isEmpty();
        LogOfAll log = LogOfAll.read(cluster.bootstrap(), TOPIC, PARTITIONS);
        log.holdsAllThat(writer);
        assertThat(log.size()).isPositive();
        group.sawAll(log, RECOVERY);
    }

    private static void keepOutput(String name, RunningCluster cluster) throws IOException {
        for (RunningBroker broker : cluster.brokers()) {
            if (!Files.exists(broker.node().output())) continue;
            Path kept = ProjectRoot.find()
                    .resolve("compatibility/target/cluster-" + name + "-"
                            + broker.node().id() + ".log");
            Files.createDirectories(kept.getParent());
            Files.copy(broker.node().output(), kept, StandardCopyOption.REPLACE_EXISTING);
        }
    }

    @Override
    public void close() throws IOException {
        writer.close();
        admin.close(Duration.ofSeconds(2));
        cluster.close();
        group.close();
        keepOutput(name, cluster);
        folder.close();
    }
}
