package dev.tidemark.dist.cli.cluster;

import dev.tidemark.dist.cli.Arguments;
import dev.tidemark.dist.cli.CliException;
import dev.tidemark.dist.cli.Command;
import dev.tidemark.dist.cli.ExitCode;
import dev.tidemark.dist.cli.Invocation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// `tidemark cluster start`: a cluster of broker processes on this machine, until it is told to stop.
public final class ClusterStart implements Command {
    private static final int NODES = 3;
    private static final int NODES_MAX = 50;
    private static final int PORT = 9092;
    private static final int PORT_MAX = 65_535;

    @Override
    public String summary() {
        return "Run a cluster of brokers on this machine in the foreground; TERM or Ctrl-C stops all of them cleanly.";
    }

    @Override
    public void declare(Arguments arguments) {
        arguments
                .number("-n,--nodes", "N", "How many brokers. Default: 3.")
                .option("-d,--data", "DIR", "Where each has a folder; kept between runs. Default: ~/.tidemark/cluster.")
                .number("--port", "PORT", "The first broker's; the others take the next that are free. Default: 9092.")
                .repeated("--override", "KEY=VALUE", "A setting of every broker; may be repeated.")
                .flag("--logs", "Print what the brokers log, too; it is in DIR/node-N/broker.log in any case.");
    }

    @Override
    public List<String> examples() {
        return List.of(
                "tidemark cluster start",
                "tidemark cluster start --nodes 3 --data /tmp/cluster --port 19092",
                "tidemark cluster start --override num.partitions=6 --logs",
                "tidemark start ~/.tidemark/cluster/node-2/server.properties    # a node that was killed, again");
    }

    @Override
    public int run(Invocation invocation) throws IOException, InterruptedException {
        int count = invocation.count("--nodes", NODES, 1);
        if (count > NODES_MAX)
            throw CliException.usage("--nodes is " + count + "; it must be " + NODES_MAX + " or less");
        int port = invocation.count("--port", PORT, 1);
        if (port > PORT_MAX) throw CliException.usage("--port is " + port + "; it must be " + PORT_MAX + " or less");
        Path folder = folder(invocation);
        Files.createDirectories(folder);
        refuseWhatDoesNotFit(folder, count);
        LocalCluster cluster = LocalCluster.plan(folder, count, port, invocation.pairs("--override"));
        ClusterRun run = new ClusterRun(cluster, invocation.terminal(), invocation.isSet("--logs"));
        return run.untilStopped() ? ExitCode.OK : ExitCode.FAILED;
    }

    static Path folder(Invocation invocation) {
        String given = invocation.text("--data");
        Path folder = given == null ? Path.of(System.getProperty("user.home"), ".tidemark", "cluster") : Path.of(given);
        return folder.toAbsolutePath().normalize();
    }

    private static void refuseWhatDoesNotFit(Path folder, int count) throws IOException {
        Optional<ClusterFile> before = ClusterFile.read(folder);
        if (before.isEmpty()) return;
        if (!before.get().living(folder).isEmpty()) {
            throw new CliException(
                    ExitCode.FAILED,
                    "the cluster in " + folder + " runs already",
                    "`tidemark cluster status --data " + folder + "` shows it; `tidemark cluster stop` ends it.");
        }
        int known = before.get().nodes().size();
        if (LocalCluster.ensembleSize(known) != LocalCluster.ensembleSize(count)) {
            throw new CliException(
                    ExitCode.FAILED,
                    "the cluster in " + folder + " has " + known + " nodes, and its ZooKeeper "
                            + LocalCluster.ensembleSize(known) + " of them, which cannot change",
                    "Give --nodes " + known + ", or another --data.");
        }
        if (count < known) {
            throw new CliException(
                    ExitCode.FAILED,
                    "the cluster in " + folder + " has " + known + " nodes, whose partitions would be missed",
                    "Give --nodes " + known + " or more, or another --data.");
        }
    }
}
