package dev.tidemark.dist.cli.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.dist.cli.CliRun;
import dev.tidemark.dist.cli.ExitCode;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LocalClusterTest {
    @TempDir
    private Path folder;

    @Test
    void threeNodesShareAnEnsembleAndReplicateLikeInProduction() throws IOException {
        LocalCluster cluster = LocalCluster.plan(folder, 3, 20_000, Map.of("num.partitions", "6"));

        assertThat(cluster.nodes())
                .hasSize(3)
                .allSatisfy(node -> assertThat(node.settings())
                        .containsEntry("node.id", Integer.toString(node.id()))
                        .containsEntry("listeners", "PLAINTEXT://localhost:" + node.port())
                        .containsEntry("default.replication.factor", "3")
                        .containsEntry("min.insync.replicas", "2")
                        .containsEntry("num.partitions", "6"));
        assertThat(cluster.nodes().stream().map(node -> node.settings().get("tidemark.zookeeper.ensemble")))
                .containsOnly(cluster.nodes().getFirst().settings().get("tidemark.zookeeper.ensemble"));
        assertThat(cluster.nodes()
                        .getFirst()
                        .settings()
                        .get("tidemark.zookeeper.ensemble")
                        .split(","))
                .hasSize(3);
    }

    @Test
    void oneNodeHasNobodyToReplicateTo() throws IOException {
        LocalCluster cluster = LocalCluster.plan(folder, 1, 20_000, Map.of());

        assertThat(cluster.nodes().getFirst().settings())
                .containsEntry("default.replication.factor", "1")
                .containsEntry("min.insync.replicas", "1");
    }

    @Test
    void aTakenPortIsLeftOut() throws IOException {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            LocalCluster cluster = LocalCluster.plan(folder, 2, taken.getLocalPort(), Map.of());

            assertThat(cluster.nodes()).extracting(LocalCluster.Node::port).doesNotContain(taken.getLocalPort());
        }
    }

    @Test
    void theFileRemembersProcessesNotJustTheirIds() throws IOException {
        ClusterFile.ProcessMark own = ClusterFile.ProcessMark.of(ProcessHandle.current());
        ClusterFile.ProcessMark earlier = new ClusterFile.ProcessMark(own.pid(), own.startedMs() - 1);
        TreeMap<Integer, ClusterFile.NodeMark> nodes = new TreeMap<>();
        nodes.put(2, new ClusterFile.NodeMark(9093, earlier));

        new ClusterFile(own, nodes).write(folder);
        Optional<ClusterFile> read = ClusterFile.read(folder);

        assertThat(read).contains(new ClusterFile(own, nodes));
        assertThat(read.orElseThrow().living(folder)).containsExactly(ProcessHandle.current());
    }

    @Test
    void aNodeThatWasStartedAgainByItselfIsStoppedToo() throws Exception {
        TreeMap<Integer, ClusterFile.NodeMark> nodes = new TreeMap<>();
        nodes.put(1, new ClusterFile.NodeMark(9092, new ClusterFile.ProcessMark(0, 0)));
        new ClusterFile(new ClusterFile.ProcessMark(0, 0), nodes).write(folder);
        Path properties = folder.resolve("node-1").resolve("server.properties");
        Process node = new ProcessBuilder("sh", "-c", "read line", "start", properties.toString()).start();
        try {
            CliRun run = CliRun.of("cluster", "stop", "--data", folder.toString());

            assertThat(run.out()).contains("stopped");
            // Its own handle hears of the end a moment after others do.
            assertThat(node.waitFor(1, TimeUnit.MINUTES)).isTrue();
        } finally {
            node.destroyForcibly();
        }
    }

    @Test
    void aClusterThatRunsIsNotStartedAgain() throws IOException {
        new ClusterFile(ClusterFile.ProcessMark.of(ProcessHandle.current()), new TreeMap<>()).write(folder);

        CliRun run = CliRun.of("cluster", "start", "--data", folder.toString());

        assertThat(run.exitCode()).isEqualTo(ExitCode.FAILED);
        assertThat(run.err()).contains("runs already", "cluster stop");
    }

    @Test
    void thePartsOfAClusterAreNotLeftOut() throws IOException {
        TreeMap<Integer, ClusterFile.NodeMark> nodes = new TreeMap<>();
        for (int id = 1; id <= 5; id++) {
            nodes.put(id, new ClusterFile.NodeMark(9091 + id, new ClusterFile.ProcessMark(1, 1)));
        }
        new ClusterFile(new ClusterFile.ProcessMark(1, 1), nodes).write(folder);

        assertThat(CliRun.of("cluster", "start", "--nodes", "3", "--data", folder.toString())
                        .err())
                .contains("has 5 nodes, whose partitions would be missed");
        assertThat(CliRun.of("cluster", "start", "--nodes", "1", "--data", folder.toString())
                        .err())
                .contains("which cannot change");
    }

    @Test
    void whereThereIsNoClusterStopAndStatusSaySo() {
        assertThat(CliRun.of("cluster", "stop", "--data", folder.toString()).exitCode())
                .isEqualTo(ExitCode.NOT_FOUND);
        assertThat(CliRun.of("cluster", "status", "--data", folder.toString()).err())
                .contains("there is no cluster in " + folder);
    }
}
