package dev.tidemark.dist.cli.cluster;

import dev.tidemark.dist.cli.CliException;
import dev.tidemark.dist.cli.ExitCode;
import dev.tidemark.dist.cli.output.Table;
import dev.tidemark.dist.cli.output.Terminal;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/// One run of a local cluster: starts its nodes, tells when they are ready and when one has ended, and stops them all.
///
/// Owner: the thread that runs the command; the stop comes from the JVM's shutdown.
final class ClusterRun {
    private static final long LOOK_MS = 50;
    private static final long LOGS_LOOK_MS = 200;
    private static final long READY_MS_MAX = 120_000;
    private static final long STOP_S_MAX = 60;

    private final LocalCluster cluster;
    private final Terminal terminal;
    private final boolean printsLogs;
    private final List<NodeProcess> processes = new ArrayList<>();
    private final CountDownLatch stopping = new CountDownLatch(1);

    ClusterRun(LocalCluster cluster, Terminal terminal, boolean printsLogs) {
        this.cluster = cluster;
        this.terminal = terminal;
        this.printsLogs = printsLogs;
    }

    /// Returns when all nodes have ended; false if not because they were told to.
    boolean untilStopped() throws IOException, InterruptedException {
        long startedNs = System.nanoTime();
        Runtime.getRuntime().addShutdownHook(new Thread(this::stop, "tidemark-cluster-stop"));
        synchronized (processes) {
            for (LocalCluster.Node node : cluster.nodes()) processes.add(NodeProcess.start(node));
        }
        remember();
        awaitReady();
        announce((System.nanoTime() - startedNs) / 1_000_000);
        tellOfEnds();
        CompletableFuture<Void> ended = allEnded();
        while (!ended.isDone()) {
            if (printsLogs) readOutputs();
            if (stopping.await(printsLogs ? LOGS_LOOK_MS : 1_000, TimeUnit.MILLISECONDS)) {
                var _ = ended.completeOnTimeout(null, STOP_S_MAX, TimeUnit.SECONDS)
                        .join();
                return true;
            }
        }
        return false;
    }

    private void remember() throws IOException {
        TreeMap<Integer, ClusterFile.NodeMark> marks = new TreeMap<>();
        for (NodeProcess each : processes) {
            var mark = ClusterFile.ProcessMark.of(each.process().toHandle());
            marks.put(each.node().id(), new ClusterFile.NodeMark(each.node().port(), mark));
        }
        new ClusterFile(ClusterFile.ProcessMark.of(ProcessHandle.current()), marks).write(cluster.folder());
    }

    private void awaitReady() throws IOException, InterruptedException {
        long deadlineNs = System.nanoTime() + READY_MS_MAX * 1_000_000;
        while (!processes.stream().allMatch(NodeProcess::isReady)) {
            readOutputs();
            for (NodeProcess each : processes) {
                if (each.process().isAlive() || each.isReady()) continue;
                readOutputs();
                throw failed(each, "has ended with exit code " + each.process().exitValue());
            }
            if (System.nanoTime() > deadlineNs) {
                NodeProcess late = processes.stream()
                        .filter(each -> !each.isReady())
                        .findFirst()
                        .orElseThrow();
                throw failed(late, "is not ready after " + READY_MS_MAX / 1_000 + " s");
            }
            if (stopping.await(LOOK_MS, TimeUnit.MILLISECONDS)) return;
        }
    }

    private static CliException failed(NodeProcess node, String what) {
        StringBuilder message = new StringBuilder("node " + node.node().id() + " " + what + "; it said last:");
        for (String line : node.lastLines()) message.append("\n  ").append(line);
        return new CliException(
                ExitCode.FAILED, message.toString(), "See " + node.node().output() + ".");
    }

    private void readOutputs() throws IOException {
        NodeProcess.Lines out = printsLogs ? NodeProcess.Lines.prefixed(terminal.out()) : NodeProcess.Lines.NOWHERE;
        for (NodeProcess each : processes) each.readOutput(out);
        if (printsLogs) terminal.out().flush();
    }

    private void announce(long tookMs) {
        var out = terminal.out();
        out.println("cluster ready after " + tookMs + " ms, bootstrap " + cluster.bootstrap());
        Table table = new Table("NODE", "ADDRESS", "PID", "DATA");
        for (NodeProcess each : processes) {
            LocalCluster.Node node = each.node();
            table.row(node.id(), node.address(), each.process().pid(), node.folder());
        }
        table.print(out, terminal.outStyle());
        out.println("Ctrl-C stops it; what a node logs is in broker.log in its folder.");
        out.flush();
    }

    private void tellOfEnds() {
        for (NodeProcess each : processes) {
            var _ = each.process().onExit().thenAccept(process -> {
                if (stopping.getCount() == 0) return;
                LocalCluster.Node node = each.node();
                terminal.err()
                        .println("node " + node.id() + " (pid " + process.pid() + ") has ended with exit code "
                                + process.exitValue() + "; to start it again: tidemark start " + node.propertiesFile());
            });
        }
    }

    private CompletableFuture<Void> allEnded() {
        return CompletableFuture.allOf(
                processes.stream().map(each -> each.process().onExit()).toArray(CompletableFuture[]::new));
    }

    /// All at once: each waits for the others no longer than it must.
    private void stop() {
        stopping.countDown();
        List<NodeProcess> started;
        synchronized (processes) {
            started = List.copyOf(processes);
        }
        started.forEach(each -> each.process().destroy());
        for (NodeProcess each : started) {
            try {
                if (!each.process().waitFor(STOP_S_MAX, TimeUnit.SECONDS))
                    each.process().destroyForcibly();
            } catch (InterruptedException hurry) {
                Thread.currentThread().interrupt();
                return;
            }
        }
    }
}
