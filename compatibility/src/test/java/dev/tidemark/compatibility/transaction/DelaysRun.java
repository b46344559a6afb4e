package dev.tidemark.compatibility.transaction;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.bench.broker.MavenFolder;
import dev.tidemark.bench.broker.ProjectRoot;
import dev.tidemark.compatibility.TransactionVersion;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.apache.kafka.common.TopicPartition;

/// Two processes of `docs/examples/FlightDelays.java` on three brokers, and the means to kill all of these meanwhile.
final class DelaysRun implements AutoCloseable {
    private static final String GROUP = "delays";
    private static final int PARTITIONS = 6;

    private final ClusterUnderFault cluster;
    private final List<Application> applications = new ArrayList<>();

    private DelaysRun(ClusterUnderFault cluster) {
        this.cluster = cluster;
    }

    /// @param transactionVersion as the applications speak it
    static DelaysRun start(String name, int transactionVersion) throws Exception {
        DelaysRun run =
                new DelaysRun(ClusterUnderFault.start("delays-" + name, Map.of("flights", PARTITIONS, "delays", 3)));
        try {
            TransactionVersion.speak(run.cluster.admin(), transactionVersion);
            for (int i = 0; i < 2; i++) run.applications.add(run.application(i));
            return run;
        } catch (IOException | InterruptedException | ExecutionException e) {
            run.close();
            throw e;
        }
    }

    private Application application(int index) throws IOException, InterruptedException {
        Path root = ProjectRoot.find();
        String clients = MavenFolder.classPath(
                root.resolve("compatibility/clients/pom.xml"),
                root.resolve("compatibility/target/kafka-clients-4.4.0"),
                Map.of("kafka.clients.version", "4.4.0"));
        Path source = root.resolve("docs/examples/FlightDelays.java");
        return Application.ofSource(
                clients, source, cluster.kept("application-" + index), transactionalId(index), cluster.bootstrap());
    }

    private static String transactionalId(int index) {
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
            case APPLICATION -> applications.get(application).kill9();
            case COORDINATOR -> cluster.kill9AndRestart(cluster.transactionCoordinator(transactionalId(application)));
            case COORDINATOR_STOP ->
                cluster.stopAndRestart(cluster.transactionCoordinator(transactionalId(application)));
            case GROUP_COORDINATOR -> cluster.kill9AndRestart(cluster.groupCoordinator(GROUP));
            case OUTPUT_LEADER -> cluster.kill9AndRestart(cluster.leader("delays", which));
            case BROKER -> cluster.kill9AndRestart(1 + which);
        }
    }

    /// Waits until the group has committed that it read so many.
    void awaitRead(long records) throws Exception {
        long untilNs = System.nanoTime() + ClusterUnderFault.LIMIT.toNanos();
        for (long committed = committed(); committed < records; committed = committed()) {
            assertThat(System.nanoTime())
                    .as("all is read in time; of %d only %d", records, committed)
                    .isLessThan(untilNs);
            TimeUnit.MILLISECONDS.sleep(100);
        }
    }

    private long committed() throws InterruptedException {
        try {
            var offsets = cluster.admin()
                    .listConsumerGroupOffsets(GROUP)
                    .partitionsToOffsetAndMetadata()
                    .get();
            return IntStream.range(0, PARTITIONS)
                    .mapToObj(index -> offsets.get(new TopicPartition("flights", index)))
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
    }

    @Override
    public void close() throws IOException {
        closeApplications();
        cluster.close();
    }
}
