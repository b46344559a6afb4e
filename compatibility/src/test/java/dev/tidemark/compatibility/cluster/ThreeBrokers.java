package dev.tidemark.compatibility.cluster;

import dev.tidemark.bench.broker.RunningBroker;
import dev.tidemark.bench.broker.RunningCluster;
import dev.tidemark.bench.broker.TempFolder;
import dev.tidemark.compatibility.SharedBroker;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.IntFunction;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.TopicPartitionInfo;

/// Three processes for all tests of a class, which kill some and leave all running, and what an admin client sees of
/// topics of one partition. Owner: the test's thread.
final class ThreeBrokers implements AutoCloseable {
    private static final int ANSWER_S = 30;

    private final TempFolder folder;
    private final RunningCluster cluster;
    private final Admin admin;

    private ThreeBrokers(TempFolder folder, RunningCluster cluster, Admin admin) {
        this.folder = folder;
        this.cluster = cluster;
        this.admin = admin;
    }

    /// @param settings by a broker's id
    static ThreeBrokers start(String name, IntFunction<Map<String, String>> settings) throws Exception {
        TempFolder folder = TempFolder.create(null, "tidemark-" + name + "-");
        RunningCluster cluster = RunningCluster.start(SharedBroker.product(), folder.path(), 3, settings);
        try {
            cluster.awaitWhole();
        } catch (IOException | InterruptedException e) {
            cluster.close();
            folder.close();
            throw e;
        }
        return new ThreeBrokers(folder, cluster, Admin.create(Map.of("bootstrap.servers", cluster.bootstrap())));
    }

    @Override
    public void close() throws IOException {
        admin.close(Duration.ofSeconds(2));
        cluster.close();
        folder.close();
    }

    Path folder() {
        return folder.path();
    }

    String bootstrap() {
        return cluster.bootstrap();
    }

    Admin admin() {
        return admin;
    }

    // ---- processes

    void kill9(int id) throws InterruptedException {
        cluster.broker(id).kill9();
    }

    void bringBack(int id) throws IOException, InterruptedException {
        cluster.broker(id).launch();
        cluster.broker(id).awaitFirstAnswer();
    }

    void bringAllBack() throws IOException, InterruptedException {
        for (RunningBroker broker : cluster.brokers()) {
            if (!broker.isAlive()) bringBack(broker.node().id());
        }
    }

    // ---- topics of one partition

    void create(String topic, List<Integer> replicas, Map<String, String> configs) throws Exception {
        admin.createTopics(List.of(new NewTopic(topic, Map.of(0, replicas)).configs(configs)))
                .all()
                .get(ANSWER_S, TimeUnit.SECONDS);
    }

    List<Integer> replicas(String topic) throws Exception {
        return describe(topic).replicas().stream().map(Node::id).toList();
    }

    List<Integer> isr(String topic) throws Exception {
        return describe(topic).isr().stream().map(Node::id).toList();
    }

    /// -1 while there is none.
    int leader(String topic) throws Exception {
        Node leader = describe(topic).leader();
        return leader == null ? -1 : leader.id();
    }

    private TopicPartitionInfo describe(String topic) throws Exception {
        return admin.describeTopics(List.of(topic))
                .topicNameValues()
                .get(topic)
                .get(ANSWER_S, TimeUnit.SECONDS)
                .partitions()
                .getFirst();
    }
}
