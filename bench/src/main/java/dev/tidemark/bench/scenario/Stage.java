package dev.tidemark.bench.scenario;

import dev.tidemark.bench.broker.BrokerUnderTest;
import dev.tidemark.bench.broker.RunningBroker;
import dev.tidemark.bench.broker.RunningCluster;
import dev.tidemark.bench.load.PerfTools;
import dev.tidemark.bench.report.Row;
import dev.tidemark.bench.report.Samples;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// What a scenario works with: the product, an empty folder, the tools, and where its values go.
///
/// @param wanted the rows asked for; a scenario leaves out work that only serves others
public record Stage(
        BrokerUnderTest product,
        Path folder,
        PerfTools tools,
        Sizes sizes,
        Set<Row> wanted,
        Samples samples,
        Profiler profiler) {
    /// Both products' defaults but for what a single broker needs.
    private static final Map<String, String> SETTINGS = Map.of(
            "offsets.topic.replication.factor", "1",
            "transaction.state.log.replication.factor", "1",
            "transaction.state.log.min.isr", "1",
            "share.coordinator.state.topic.replication.factor", "1",
            "share.coordinator.state.topic.min.isr", "1",
            "group.initial.rebalance.delay.ms", "0");

    static final int CLUSTER_NODES = 3;

    private static final Map<String, String> CLUSTER_SETTINGS = Map.of(
            "default.replication.factor", "3",
            "min.insync.replicas", "2",
            "offsets.topic.replication.factor", "3",
            "transaction.state.log.replication.factor", "3",
            "group.initial.rebalance.delay.ms", "0");

    /// A started broker that has not answered yet.
    public RunningBroker launch() throws IOException, InterruptedException {
        return RunningBroker.start(product, folder, SETTINGS);
    }

    public RunningBroker ready() throws IOException, InterruptedException {
        RunningBroker broker = launch();
        try {
            broker.awaitFirstAnswer();
            return broker;
        } catch (IOException | InterruptedException e) {
            broker.close();
            throw e;
        }
    }

    /// A whole cluster of three that is ready, with topics of three replicas of which two must have a record.
    public RunningCluster cluster() throws IOException, InterruptedException {
        RunningCluster cluster = launchCluster();
        try {
            cluster.awaitWhole();
            return cluster;
        } catch (IOException | InterruptedException e) {
            cluster.close();
            throw e;
        }
    }

    RunningCluster launchCluster() throws IOException, InterruptedException {
        return RunningCluster.start(product, folder, CLUSTER_NODES, CLUSTER_SETTINGS);
    }

    /// Whether any of the rows is asked for.
    boolean wants(Row... rows) {
        return !Collections.disjoint(wanted, List.of(rows));
    }

    public void put(Row row, double value) {
        if (wanted.contains(row)) samples.add(row, value);
    }

    /// Work whose CPU time is measured.
    @FunctionalInterface
    public interface Work {
        double run() throws IOException, InterruptedException;
    }

    /// Runs the work and puts down the rate that it returns, times `rateFactor`, and the broker's CPU seconds per unit.
    public void measure(RunningCluster cluster, Work work, Row rate, double rateFactor, Row cpu, double units)
            throws IOException, InterruptedException {
        double before = cluster.cpuSeconds();
        double measuredRate = work.run();
        double used = cluster.cpuSeconds() - before;
        put(rate, measuredRate * rateFactor);
        put(cpu, used / units);
    }

    /// The same for a single broker, which may be profiled meanwhile.
    public void measure(RunningBroker broker, Work work, Row rate, double rateFactor, Row cpu, double units)
            throws IOException, InterruptedException {
        try (var _ = profiler.record(broker.pid(), product.name() + "-" + cpu.id())) {
            double before = broker.usage().cpuSeconds();
            double measuredRate = work.run();
            double used = broker.usage().cpuSeconds() - before;
            put(rate, measuredRate * rateFactor);
            put(cpu, used / units);
        }
    }
}
