package dev.tidemark.compatibility.cluster;

import static dev.tidemark.compatibility.cluster.Patience.await;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.bench.broker.Node;
import dev.tidemark.bench.broker.ProjectRoot;
import dev.tidemark.bench.broker.RunningBroker;
import dev.tidemark.bench.broker.RunningCluster;
import dev.tidemark.bench.broker.TempFolder;
import dev.tidemark.bench.broker.WireConnection;
import dev.tidemark.bench.load.ClusterAdmin;
import dev.tidemark.bench.load.SequenceWriter;
import dev.tidemark.compatibility.SharedBroker;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.IntFunction;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.TopicPartitionInfo;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.internals.Topic;
import org.apache.kafka.common.requests.MetadataRequest;
import org.apache.kafka.common.requests.MetadataResponse;
import org.apache.kafka.common.utils.Utils;
import org.jspecify.annotations.Nullable;

/// A cluster of three processes with a topic of three replicas, a writer and a group on it; faults come in between, and
/// in the end nothing that was acknowledged is missing, out of order, or there twice.
final class FaultRun implements AutoCloseable {
    static final String TOPIC = "numbers";
    static final int PARTITIONS = 6;
    static final Duration RECOVERY = Patience.LIMIT;
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
    private final List<GroupWatch> groups = new ArrayList<>();

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
        var _ = watchGroup("readers");
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
        return start(name, _ -> settings, links);
    }

    /// @param settings of each broker by its id, over those of all runs
    static FaultRun start(String name, IntFunction<Map<String, String>> settings, @Nullable BrokerLinks links)
            throws Exception {
        TempFolder folder = TempFolder.create(null, "tidemark-cluster-");
        List<Node> nodes = Node.cluster(folder.path(), NODES, id -> {
            Map<String, String> all = new HashMap<>(SETTINGS);
            all.putAll(settings.apply(id));
            return all;
        });
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

    /// Process ids, by which it is seen that nobody was started again.
    List<Long> pids() {
        return cluster.brokers().stream().map(RunningBroker::pid).toList();
    }

    /// All brokers but this one.
    List<Integer> others(int id) {
        return cluster.brokers().stream()
                .map(broker -> broker.node().id())
                .filter(other -> other != id)
                .toList();
    }

    /// What this broker itself tells clients of the cluster and a topic; another may know more.
    MetadataResponse toldBy(int id, String topic) throws IOException {
        try (WireConnection connection = new WireConnection(broker(id).node(), 15_000)) {
            return connection.ask(
                    new MetadataRequest.Builder(List.of(topic), false).build((short) 9), MetadataResponse.class);
        }
    }

    /// A name whose group this broker coordinates, as it leads a partition of `__consumer_offsets`.
    String groupCoordinatedBy(int id) throws Exception {
        List<TopicPartitionInfo> shards = admin.describeTopics(List.of(Topic.GROUP_METADATA_TOPIC_NAME))
                .topicNameValues()
                .get(Topic.GROUP_METADATA_TOPIC_NAME)
                .get(30, TimeUnit.SECONDS)
                .partitions();
        for (int i = 0; i < 1_000; i++) {
            String group = "group-" + groups.size() + "-" + i;
            var leader = shards.get(Utils.abs(group.hashCode()) % shards.size()).leader();
            if (leader != null && leader.id() == id) return group;
        }
        throw new AssertionError("broker " + id + " leads nothing of " + shards);
    }

    /// A group that reads and commits from now on, and is checked in the end.
    GroupWatch watchGroup(String groupId) {
        GroupWatch group = new GroupWatch(cluster.bootstrap(), TOPIC, groupId);
        groups.add(group);
        return group;
    }

    /// Waits until the control plane takes a change: a topic of two replicas is made.
    void awaitChange(String topic) throws Exception {
        await("a topic can be made", () -> isCreated(topic));
    }

    private boolean isCreated(String topic) throws InterruptedException {
        try {
            admin.createTopics(List.of(new NewTopic(topic, 1, (short) 2))).all().get(10, TimeUnit.SECONDS);
            return true;
        } catch (ExecutionException notNow) {
            return notNow.getCause() instanceof TopicExistsException; // An earlier try was slow.
        } catch (TimeoutException notNow) {
            return false;
        }
    }

    /// The leader of the topic's partition.
    int leader(int partition) throws Exception {
        var leader = describe().partitions().get(partition).leader();
        return leader == null ? -1 : leader.id();
    }

    int controller() throws Exception {
        try (ClusterAdmin asking = new ClusterAdmin(cluster, SharedBroker.product())) {
            return asking.controller();
        }
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
        await(
                "all replicas are in sync",
                () -> describe().partitions().stream()
                        .allMatch(p -> p.isr().size() == p.replicas().size()));
    }

    /// Lets the writer end and checks everything.
    void check() throws Exception {
        writer.finish();
        assertThat(writer.refused()).as("records that the producer gave up").isEmpty();
        LogOfAll log = LogOfAll.read(cluster.bootstrap(), TOPIC, PARTITIONS);
        log.holdsAllThat(writer);
        assertThat(log.size()).isPositive();
        for (GroupWatch group : groups) group.sawAll(log, RECOVERY);
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
        groups.forEach(GroupWatch::close);
        keepOutput(name, cluster);
        folder.close();
    }
}
