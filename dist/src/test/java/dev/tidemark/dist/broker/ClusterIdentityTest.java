package dev.tidemark.dist.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tidemark.zookeeper.EmbeddedZooKeeper;
import dev.tidemark.zookeeper.EmbeddedZooKeeperSettings;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A broker runs only where its log directories and ZooKeeper are of one cluster, and changes neither where they are
/// not.
final class ClusterIdentityTest {
    private static final String OTHER_ID = "AAAAAAAAAAAAAAAAAAAAAA";

    @TempDir
    private Path folder;

    private static RunningBroker start(Path zooKeeper, Path... logDirs) throws StartException {
        return RunningBroker.start(
                settings("tidemark.zookeeper.port", "0", "tidemark.zookeeper.data.dir", zooKeeper.toString(), logDirs));
    }

    private static RunningBroker startOutside(String connect, Path... logDirs) throws StartException {
        return RunningBroker.start(
                settings("zookeeper.connect", connect, "zookeeper.session.timeout.ms", "6000", logDirs));
    }

    private static Map<String, String> settings(String k1, String v1, String k2, String v2, Path... logDirs) {
        String dirs = Arrays.stream(logDirs).map(Path::toString).collect(Collectors.joining(","));
        return Map.of("listeners", "PLAINTEXT://127.0.0.1:0", "log.dirs", dirs, k1, v1, k2, v2);
    }

    /// Starts and stops a broker; the cluster's id.
    private static String run(Path zooKeeper, Path... logDirs) throws StartException {
        RunningBroker broker = start(zooKeeper, logDirs);
        try {
            return broker.clusterId();
        } finally {
            broker.stop();
        }
    }

    private static String meta(Path logDir) throws IOException {
        return Files.readString(logDir.resolve("meta.properties"));
    }

    /// What lies below a folder, by path. Locks and what only remembers sessions of the store do not count.
    private static Map<String, String> content(Path below) throws IOException {
        try (Stream<Path> files = Files.walk(below)) {
            Map<String, String> content = new TreeMap<>();
            files.filter(Files::isRegularFile)
                    .filter(file -> !file.endsWith(".lock") && !file.endsWith(".zookeeper-sessions"))
                    .forEach(file -> content.put(below.relativize(file).toString(), text(file)));
            return content;
        }
    }

    private static String text(Path file) {
        try {
            return Arrays.toString(Files.readAllBytes(file));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void aFreshClusterMakesItsIdAndARestartKeepsIt() throws Exception {
        Path logs = folder.resolve("logs");

        String id = run(folder.resolve("zookeeper"), logs);

        assertThat(meta(logs)).contains("cluster.id=" + id + "\n");
        assertThat(run(folder.resolve("zookeeper"), logs)).isEqualTo(id);
    }

    @Test
    void aStartThatEndedBeforeTheFoldersHadTheIdIsGoneOnWith() throws Exception {
        Path logs = folder.resolve("logs");
        String id = run(folder.resolve("zookeeper"), logs);
        Files.delete(logs.resolve("meta.properties"));

        assertThat(run(folder.resolve("zookeeper"), logs)).isEqualTo(id);
        assertThat(meta(logs)).contains("cluster.id=" + id + "\n");
    }

    @Test
    void withoutZooKeepersFolderNoneIsBegunAndItCanBeBroughtBack() throws Exception {
        Path logs = folder.resolve("logs");
        Path zooKeeper = folder.resolve("zookeeper");
        String id = run(zooKeeper, logs);
        Path away = Files.move(zooKeeper, folder.resolve("away"));
        Map<String, String> before = content(logs);

        assertThatThrownBy(() -> start(zooKeeper, logs))
                .isInstanceOf(StartException.class)
                .hasMessageContainingAll(
                        id, logs.toString(), zooKeeper.toString(), "has no data", "bring back what was lost");

        assertThat(content(logs)).isEqualTo(before);
        assertThat(zooKeeper).doesNotExist();
        Files.move(away, zooKeeper);
        assertThat(run(zooKeeper, logs)).isEqualTo(id);
    }

    @Test
    void anEmptyOutsideZooKeeperIsNotTheCluster() throws Exception {
        Path logs = folder.resolve("logs");
        String id = run(folder.resolve("zookeeper"), logs);
        Map<String, String> before = content(logs);

        try (EmbeddedZooKeeper empty =
                EmbeddedZooKeeper.start(new EmbeddedZooKeeperSettings(folder.resolve("empty"), 0, 60_000))) {
            assertThatThrownBy(() -> startOutside(empty.connectString(), logs))
                    .isInstanceOf(StartException.class)
                    .hasMessageContainingAll(id, "holds no cluster", logs.toString(), empty.connectString())
                    .hasMessageContaining("zookeeper.connect");

            assertThat(content(logs)).isEqualTo(before);
            // It is as empty as before: another cluster may begin in it.
            RunningBroker other = startOutside(empty.connectString(), folder.resolve("new"));
            assertThat(other.clusterId()).isNotEqualTo(id);
            other.stop();
        }
    }

    @Test
    void theZooKeeperOfAnotherClusterIsNamedWithBothIds() throws Exception {
        Path logs = folder.resolve("logs");
        String id = run(folder.resolve("zookeeper"), logs);
        String other = run(folder.resolve("other-zookeeper"), folder.resolve("other"));
        Map<String, String> before = content(logs);

        assertThatThrownBy(() -> start(folder.resolve("other-zookeeper"), logs))
                .isInstanceOf(StartException.class)
                .hasMessageContainingAll(id, other, logs.toString(), "other-zookeeper");

        assertThat(content(logs)).isEqualTo(before);
        assertThat(run(folder.resolve("other-zookeeper"), folder.resolve("other")))
                .isEqualTo(other);
    }

    @Test
    void aSecondLogDirectoryThatIsNewGetsTheId() throws Exception {
        Path first = folder.resolve("logs-1");
        Path second = folder.resolve("logs-2");
        Path zooKeeper = folder.resolve("zookeeper");
        String id = run(zooKeeper, first);

        assertThat(run(zooKeeper, first, second)).isEqualTo(id);

        assertThat(meta(second)).contains("cluster.id=" + id + "\n").contains("node.id=1\n");
        assertThat(meta(second)).isNotEqualTo(meta(first)); // Its directory.id is its own.
    }

    @Test
    void aRefusedStartLeavesTheMarkOfACleanStopWhereItWas() throws Exception {
        Path first = folder.resolve("logs-1");
        String id = run(folder.resolve("zookeeper"), first);
        run(folder.resolve("other-zookeeper"), folder.resolve("other"));
        Map<String, String> before = content(first);
        assertThat(before).containsKey(".kafka_cleanshutdown");

        assertThatThrownBy(() -> start(folder.resolve("other-zookeeper"), first, folder.resolve("logs-2")))
                .hasMessageContaining(id);

        assertThat(content(first)).isEqualTo(before);
    }

    @Test
    void twoLogDirectoriesOfTwoClusters() throws Exception {
        Path logs = folder.resolve("logs");
        String id = run(folder.resolve("zookeeper"), logs);
        Path foreign = Files.createDirectories(folder.resolve("foreign"));
        Files.writeString(foreign.resolve("meta.properties"), "version=1\ncluster.id=" + OTHER_ID + "\nnode.id=1\n");

        assertThatThrownBy(() -> start(folder.resolve("zookeeper"), logs, foreign))
                .isInstanceOf(StartException.class)
                .hasMessageContainingAll(id, OTHER_ID, foreign.toString(), "log.dirs");

        assertThat(content(foreign)).containsOnlyKeys("meta.properties");
    }

    @Test
    void aNodeIdThatIsNoNumber() throws Exception {
        Path logs = Files.createDirectories(folder.resolve("logs"));
        Files.writeString(logs.resolve("meta.properties"), "version=1\ncluster.id=" + OTHER_ID + "\nnode.id=one\n");

        assertThatThrownBy(() -> start(folder.resolve("zookeeper"), logs))
                .isInstanceOf(StartException.class)
                .hasMessageContainingAll("meta.properties", "node.id=one");
    }
}
