package dev.tidemark.compatibility.transaction;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.bench.broker.JavaHome;
import dev.tidemark.bench.broker.MavenFolder;
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
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.TopicDescription;

/// Three brokers, two processes of `docs/examples/FlightDelays.java`, flights that come in one after the other, and the
/// means to kill all of these meanwhile. In the end the output holds each flight exactly once.
final class DelaysRun implements AutoCloseable {
    private static final Duration LIMIT = Duration.ofSeconds(90);
    private static final int NODES = 3;
    private static final String INPUT = "flights";
    private static final int PARTITIONS = 6;

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
    private final List<Application> applications = new ArrayList<>();

    private DelaysRun(String name, TempFolder folder, RunningCluster cluster, Admin admin) {
        this.name = name;
        this.folder = folder;
        this.cluster = cluster;
        this.admin = admin;
    }

    static DelaysRun start(String name) throws Exception {
        TempFolder folder = TempFolder.create(null, "tidemark-delays-");
        RunningCluster cluster = RunningCluster.start(SharedBroker.product(), folder.path(), NODES, SETTINGS);
        DelaysRun run =
                new DelaysRun(name, folder, cluster, Admin.create(Map.of("bootstrap.servers", cluster.bootstrap())));
        try {
            run.begin();
            return run;
        } catch (Exception | AssertionError e) {
            run.close();
            throw e;
        }
    }

    private void begin() throws Exception {
        cluster.awaitWhole();
        admin.createTopics(List.of(
                        new NewTopic(INPUT, PARTITIONS, (short) NODES), new NewTopic("delays", 3, (short) NODES)))
                .all()
                .get(30, TimeUnit.SECONDS);
        for (int i = 0; i < 2; i++) applications.add(application(i));
    }

    private Application application(int index) throws IOException, InterruptedException {
        Path root = ProjectRoot.find();
        String clients = MavenFolder.classPath(
                root.resolve("compatibility/clients/pom.xml"),
                root.resolve("compatibility/target/kafka-clients-4.4.0"),
                Map.of("kafka.clients.version", "4.4.0"));
        return new Application(
                List.of(
                        JavaHome.java(),
                        "-XX:+UseSerialGC",
                        "-XX:TieredStopAtLevel=1",
                        "-Xmx256M",
                        "-cp",
                        clients,
                        root.resolve("docs/examples/FlightDelays.java").toString(),
                        transactionalId(index),
                        cluster.bootstrap()),
                kept("application-" + index));
    }

    static String transactionalId(int index) {
        return "delays-" + index;
    }

    String bootstrap() {
        return cluster.bootstrap();
    }

    /// Brings the fault about, and waits until all is whole again.
    ///
    /// @param which of three
    void strike(Fault fault, int which) throws Exception {
        int application = which % 2;
        switch (fault) {
            case APPLICATION -> killApplication(application);
            case COORDINATOR -> restart(transactionCoordinator(application), false);
            case COORDINATOR_STOP -> restart(transactionCoordinator(application), true);
            case GROUP_COORDINATOR -> restart(groupCoordinator(), false);
            case OUTPUT_LEADER -> restart(leader("delays", which), false);
            case BROKER -> restart(1 + which, false);
        }
    }

    /// And lets its successor work for a moment.
    private void killApplication(int index) throws InterruptedException {
        applications.get(index).kill9();
        TimeUnit.SECONDS.sleep(2);
    }

    /// The broker that coordinates the transactions of an application.
    private int transactionCoordinator(int index) throws Exception {
        String id = transactionalId(index);
        return retried(() -> admin.describeTransactions(Set.of(id))
                .description(id)
                .get(30, TimeUnit.SECONDS)
                .coordinatorId());
    }

    private int groupCoordinator() throws Exception {
        return retried(() -> admin.describeConsumerGroups(Set.of("delays"))
                .describedGroups()
                .get("delays")
                .get(30, TimeUnit.SECONDS)
                .coordinator()
                .id());
    }

    private int leader(String topic, int partition) throws Exception {
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

    /// By a kill, or by a stop that hands everything over; then starts the broker again and waits until it has caught
    /// up.
    private void restart(int id, boolean cleanly) throws Exception {
        RunningBroker broker = cluster.broker(id);
        if (cleanly)
            assertThat(broker.stop()).as("broker %d ends by itself", id).isTrue();
        else broker.kill9();
        TimeUnit.MILLISECONDS.sleep(500); // So that the others are alone for a moment.
        broker.launch();
        broker.awaitFirstAnswer();
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
        for (String topic : List.of(INPUT, "delays", "__transaction_state", "__consumer_offsets")) {
            try {
                boolean isWhole = describe(topic).partitions().stream()
                        .allMatch(p -> p.isr().size() == p.replicas().size());
                if (!isWhole) return false;
            } catch (ExecutionException notNow) {
                return false;
            }
        }
        return true;
    }

    /// Waits until the group has committed that it read so many.
    void awaitRead(long records) throws Exception {
        long untilNs = System.nanoTime() + LIMIT.toNanos();
        while (true) {
            long committed = committed();
            if (committed >= records) return;
            assertThat(System.nanoTime())
                    .as("all is read in time; of %d only %d", records, committed)
                    .isLessThan(untilNs);
            TimeUnit.MILLISECONDS.sleep(100);
        }
    }

    private long committed() throws InterruptedException {
        try {
            var offsets = admin.listConsumerGroupOffsets("delays")
                    .partitionsToOffsetAndMetadata()
                    .get();
            return IntStream.range(0, PARTITIONS)
                    .mapToObj(index -> offsets.get(new org.apache.kafka.common.TopicPartition(INPUT, index)))
                    .mapToLong(offset -> offset == null ? 0 : offset.offset())
                    .sum();
        } catch (ExecutionException notNow) {
            return 0;
        }
    }

    int endsOfApplications() {
        return applications.stream().mapToInt(Application::ends).sum();
    }

    void closeApplications() {
        applications.forEach(Application::close);
        applications.clear();
    }

    private Path kept(String what) throws IOException {
        Path folder = ProjectRoot.find().resolve("compatibility/target");
        Files.createDirectories(folder);
        return folder.resolve("delays-" + name + "-" + what + ".log");
    }

    @Override
    public void close() throws IOException {
        closeApplications();
        admin.close(Duration.ofSeconds(2));
        cluster.close();
        for (RunningBroker broker : cluster.brokers()) {
            if (Files.exists(broker.node().output()))
                Files.copy(
                        broker.node().output(),
                        kept("broker-" + broker.node().id()),
                        StandardCopyOption.REPLACE_EXISTING);
        }
        folder.close();
    }
}
