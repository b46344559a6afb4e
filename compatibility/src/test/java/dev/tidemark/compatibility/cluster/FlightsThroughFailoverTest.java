package dev.tidemark.compatibility.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.bench.broker.LiveProcesses;
import dev.tidemark.bench.broker.RunningCluster;
import dev.tidemark.bench.broker.TempFolder;
import dev.tidemark.bench.load.ClusterAdmin;
import dev.tidemark.compatibility.Flights;
import dev.tidemark.compatibility.FlightsGroup;
import dev.tidemark.compatibility.SharedBroker;
import dev.tidemark.compatibility.matrix.Outcomes;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Flights, keyed by their origin, go in through kcat's idempotent producer at acks=all while a broker is killed that
/// leads a third of the partitions and is the controller; all come out once, in order for each key. `-Dflights.file=`
/// for more of them.
@Timeout(value = 4, unit = TimeUnit.MINUTES)
class FlightsThroughFailoverTest {
    private static final String TOPIC = "flights";
    private static final int PARTITIONS = 6;
    private static final long LINE_NS = 250_000;
    private static final Map<String, String> SETTINGS =
            Map.of("min.insync.replicas", "2", "group.initial.rebalance.delay.ms", "0");

    @Test
    void allComeOutOnceAndInOrder() throws Exception {
        if (!Files.isExecutable(Path.of("/usr/bin/kcat"))) Outcomes.requirePresent("kcat is not installed");
        List<String> lines = Flights.read(Flights.chosen());
        try (TempFolder folder = TempFolder.create(null, "tidemark-flights-");
                RunningCluster cluster = RunningCluster.start(SharedBroker.product(), folder.path(), 3, SETTINGS)) {
            cluster.awaitWhole();
            try (ClusterAdmin admin = new ClusterAdmin(cluster, SharedBroker.product())) {
                admin.create(TOPIC, PARTITIONS, Map.of());
                int killed = admin.controller();

                produce(cluster, lines, killed);

                assertThat(FlightsGroup.read(cluster.bootstrap(), TOPIC, "board", lines.size()))
                        .isEqualTo(Flights.byOrigin(lines));
                cluster.broker(killed).launch();
                cluster.broker(killed).awaitFirstAnswer();
                admin.awaitWhole(TOPIC, Duration.ofSeconds(60));
            }
        }
    }

    /// Half of them before the kill, half after it, without a pause.
    private static void produce(RunningCluster cluster, List<String> lines, int killed) throws Exception {
        Path printed = Files.createTempFile("kcat", ".out");
        Process kcat = LiveProcesses.start(new ProcessBuilder(command(cluster.bootstrap()))
                .redirectErrorStream(true)
                .redirectOutput(printed.toFile()));
        try (Writer input = kcat.outputWriter()) {
            long dueNs = System.nanoTime();
            for (int i = 0; i < lines.size(); i++) {
                if (i == lines.size() / 2) cluster.broker(killed).kill9();
                input.write(Flights.keyed(lines.get(i)));
                input.flush();
                dueNs += LINE_NS;
                LockSupport.parkNanos(dueNs - System.nanoTime());
            }
        }
        boolean ended = kcat.waitFor(90, TimeUnit.SECONDS);
        kcat.destroyForcibly();
        String output = Files.readString(printed);
        Files.delete(printed);
        assertThat(ended && kcat.exitValue() == 0).as("kcat: " + output).isTrue();
    }

    private static List<String> command(String bootstrap) {
        return List.of(
                "kcat",
                "-P",
                "-b",
                bootstrap,
                "-t",
                TOPIC,
                "-K",
                "|",
                "-X",
                "acks=all",
                "-X",
                "enable.idempotence=true",
                "-X",
                "message.timeout.ms=60000");
    }
}
