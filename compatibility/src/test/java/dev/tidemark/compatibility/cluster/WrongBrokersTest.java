package dev.tidemark.compatibility.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.bench.broker.ProjectRoot;
import dev.tidemark.bench.broker.RunningCluster;
import dev.tidemark.bench.broker.TempFolder;
import dev.tidemark.bench.broker.Tidemark;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Brokers that cannot belong to the cluster say why, end, and do it no harm.
@Tag("cluster")
@Timeout(value = 2, unit = TimeUnit.MINUTES)
class WrongBrokersTest {
    private static TempFolder folder;
    private static RunningCluster cluster;

    @BeforeAll
    static void startCluster() throws Exception {
        folder = TempFolder.create(null, "tidemark-wrong-");
        cluster = RunningCluster.start(Tidemark.ofThisTree(), folder.path(), 3, Map.of());
        cluster.awaitWhole();
    }

    @AfterAll
    static void stopCluster() throws IOException {
        cluster.close();
        folder.close();
    }

    private static String zooKeeper() {
        return "127.0.0.1:" + cluster.broker(1).node().controllerPort();
    }

    /// Runs a broker of its own that is expected to end; what it printed.
    private static String start(String... settings) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(
                ProjectRoot.find().resolve("tidemark").toString(),
                "start",
                "--override",
                "listeners=PLAINTEXT://127.0.0.1:0"));
        for (String setting : settings) command.addAll(List.of("--override", setting));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        try {
            String printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(process.waitFor()).as(printed).isEqualTo(1);
            return printed;
        } finally {
            process.destroyForcibly();
        }
    }

    @Test
    void anIdThatIsTaken() throws Exception {
        String printed = start(
                "broker.id=2",
                "zookeeper.connect=" + zooKeeper(),
                "log.dirs=" + folder.path().resolve("second-2"));

        assertThat(printed).contains("2").containsIgnoringCase("broker");
        cluster.broker(2).failIfEnded();
    }

    @Test
    void dataOfAnotherCluster() throws Exception {
        Path data = folder.path().resolve("foreign");
        Files.createDirectories(data);
        Files.writeString(data.resolve("meta.properties"), "version=1\ncluster.id=AAAAAAAAAAAAAAAAAAAAAA\nnode.id=9\n");

        String printed = start("zookeeper.connect=" + zooKeeper(), "log.dirs=" + data);

        assertThat(printed).contains("AAAAAAAAAAAAAAAAAAAAAA").containsIgnoringCase("cluster");
    }

    @Test
    void aZooKeeperThatIsNotThere() throws Exception {
        String printed = start(
                "broker.id=8",
                "zookeeper.connect=127.0.0.1:1",
                "zookeeper.connection.timeout.ms=2500",
                "log.dirs=" + folder.path().resolve("lonely"));

        assertThat(printed)
                .contains("ZooKeeper at 127.0.0.1:1 does not answer yet")
                .contains("did not answer within 2500 ms")
                .contains("Connection refused");
    }
}
