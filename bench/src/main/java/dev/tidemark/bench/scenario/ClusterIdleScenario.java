package dev.tidemark.bench.scenario;

import dev.tidemark.bench.broker.RunningCluster;
import dev.tidemark.bench.report.Row;
import java.io.IOException;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/// Three nodes start on empty folders until each names all, and then nobody asks anything.
final class ClusterIdleScenario implements Scenario {
    @Override
    public String name() {
        return "cluster-idle";
    }

    @Override
    public Set<Row> rows() {
        return Set.of(Row.CLUSTER_START, Row.CLUSTER_IDLE_RSS, Row.CLUSTER_IDLE_CPU);
    }

    @Override
    public void run(Stage stage) throws IOException, InterruptedException {
        try (RunningCluster cluster = stage.launchCluster()) {
            stage.put(Row.CLUSTER_START, cluster.awaitWhole().toNanos() / 1e6);
            int seconds = stage.sizes().idleSeconds();
            TimeUnit.SECONDS.sleep(stage.sizes().settleSeconds());
            double before = cluster.cpuSeconds();
            TimeUnit.SECONDS.sleep(seconds);
            stage.put(Row.CLUSTER_IDLE_CPU, (cluster.cpuSeconds() - before) * 1000 / seconds);
            stage.put(Row.CLUSTER_IDLE_RSS, cluster.residentBytes() / 1e6);
        }
    }
}
