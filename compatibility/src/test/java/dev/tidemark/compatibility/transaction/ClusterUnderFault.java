package dev.tidemark.compatibility.transaction;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.bench.broker.ProjectRoot;
import dev.tidemark.bench.broker.RunningBroker;
import dev.tidemark.bench.broker.RunningCluster;
import dev.tidemark.bench.broker.TempFolder;
import dev.tidemark.compatibility.SharedBroker;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListTopicsOptions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.TopicDescription;

/// Three brokers that are killed and stopped in turn, and always come back. What they print is kept below `target`.
final class ClusterUnderFault implements AutoCloseable {
    static final Duration LIMIT = Duration.ofSeconds(90);
    private static final int NODES = 3;

    private static final Map<String, String> SETTINGS = Map.of(
            "offsets.topic.replication.factor", "3",
            "offsets.topic.num.partitions", "4",
            "transaction.state.log.replication.factor", "3",
            "transaction.state.log.min.isr", "2",
            "transaction.state.log.num.partitions", "4",
            "min.insync.replicas", "2",
            "default.replication.factor", "3",
            "group.initial.rebalance.delay.ms", "0");

    private final String name;
    private final TempFolder folder;
    private final RunningCluster cluster;
    private final Admin admin;

    private ClusterUnderFault(String name, TempFolder folder, RunningCluster cluster) {
        this.name = name;
        this.folder = folder;
        this.cluster = cluster;
        this.admin = Admin.create(Map.of("bootstrap.servers", cluster.bootstrap()));
    }

    /// @param partitions of each topic that is to be there
    static ClusterUnderFault start(String name, Map<String, Integer> partitions) throws Exception {
        TempFolder folder = TempFolder.create(null, "tidemark-" + name + "-");
        RunningCluster brokers =
                RunningCluster.start(SharedBroker.product(), folder.path(), NODES, new HashMap<>(SETTINGS));
        ClusterUnderFault cluster = new ClusterUnderFault(name, folder, brokers);
        try {
            brokers.awaitWhole();
            Stream<NewTopic> topics = partitions.entrySet().stream()
                    .map(topic -> new NewTopic(topic.getKey(), topic.getValue(), (short) NODES));
            cluster.admin.createTopics(topics.toList()).all().get(30, TimeUnit.SECONDS);
            return cluster;
        } catch (Exception | AssertionError e) {
            cluster.close();
            throw e;
        }
    }

    String bootstrap() {
        return cluster.bootstrap();
    }

    Path folder() {
        return folder.path();
    }

    Admin admin() {
        return admin;
    }

    int transactionCoordinator(String transactionalId) throws Exception {
        return retried(() -> admin.describeTransactions(Set.of(transactionalId))
                .description(transactionalId)
                .get(30, TimeUnit.SECONDS)
                .coordinatorId());
    }

    int groupCoordinator(String group) throws Exception {
        return retried(() -> admin.describeConsumerGroups(Set.of(group))
                .describedGroups()
                .get(group)
                .get(30, TimeUnit.SECONDS)
                .coordinator()
                .id());
    }

    int leader(String topic, int partition) throws Exception {
        return retried(
                () -> describe(topic).partitions().get(partition).leader().id());
    }

    private interface Question {
        int ask() throws Exception;
    }

    /// A coordinator may just be moving.
    private static int retried(Question question) throws Exception {
        long untilNs = System.nanoTime() + LIMIT.toNanos();
        while (true) {
            try {
                return question.ask();
            } catch (ExecutionException | NullPointerException notNow) {
                if (System.nanoTime() > untilNs) throw notNow;
                TimeUnit.MILLISECONDS.sleep(100);
            }
        }
    }

    private TopicDescription describe(String topic) throws Exception {
        return admin.describeTopics(List.of(topic)).topicNameValues().get(topic).get(30, TimeUnit.SECONDS);
    }

    void kill9AndRestart(int id) throws Exception {
        cluster.broker(id).kill9();
        restart(id);
    }

    /// The broker hands over all that it leads before it ends.
    void stopAndRestart(int id) throws Exception {
        assertThat(cluster.broker(id).stop()).as("broker %d ends by itself", id).isTrue();
        restart(id);
    }

    private void restart(int id) throws Exception {
        TimeUnit.MILLISECONDS.sleep(500); // So that the others are alone for a moment.
        cluster.broker(id).launch();
        cluster.broker(id).awaitFirstAnswer();
        awaitAllInSync();
    }

    private void awaitAllInSync() throws Exception {
        long untilNs = System.nanoTime() + LIMIT.toNanos();
        while (!allInSync()) {
            assertThat(System.nanoTime()).as("all replicas are in sync in time").isLessThan(untilNs);
            TimeUnit.MILLISECONDS.sleep(50);
        }
    }

    private boolean allInSync() throws Exception {
        try {
            Set<String> topics = admin.listTopics(new ListTopicsOptions().listInternal(true))
                    .names()
                    .get(30, TimeUnit.SECONDS);
            return admin.describeTopics(topics).allTopicNames().get(30, TimeUnit.SECONDS).values().stream()
                    .flatMap(topic -> topic.partitions().stream())
                    .allMatch(p -> p.isr().size() == p.replicas().size());
        } catch (ExecutionException notNow) {
            return false;
        }
    }

    /// Where what a process prints is kept.
    Path kept(String what) throws IOException {
        Path target = ProjectRoot.find().resolve("compatibility/target");
        Files.createDirectories(target);
        return target.resolve(name + "-" + what + ".log");
    }

    @Override
    public void close() throws IOException {
        admin.close(Duration.ofSeconds(2));
        cluster.close();
        for (RunningBroker broker : cluster.brokers()) {
            Path output = broker.node().output();
            if (Files.exists(output))
                Files.copy(output, kept("broker-" + broker.node().id()), StandardCopyOption.REPLACE_EXISTING);
        }
        folder.close();
    }
}
