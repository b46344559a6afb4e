package dev.tidemark.bench.scenario;

import dev.tidemark.bench.broker.RunningCluster;
import dev.tidemark.bench.load.ClusterAdmin;
import dev.tidemark.bench.load.LatencyResult;
import dev.tidemark.bench.report.Row;
import java.io.IOException;
import java.util.Map;
import java.util.Set;

/// 500 records of 1 KiB a second at acks=all into one partition of three replicas.
final class ClusterLatencyScenario implements Scenario {
    private static final int RECORDS_PER_SECOND = 500;

    @Override
    public String name() {
        return "cluster-latency";
    }

    @Override
    public Set<Row> rows() {
        return Set.of(Row.CLUSTER_PRODUCE_P50, Row.CLUSTER_PRODUCE_P99);
    }

    @Override
    public void run(Stage stage) throws IOException, InterruptedException {
        try (RunningCluster cluster = stage.cluster();
                ClusterAdmin admin = new ClusterAdmin(cluster, stage.product())) {
            admin.create("latency", 1, Map.of());
            LatencyResult result = LatencyResult.measure(
                    cluster.bootstrap(),
                    "latency",
                    "all",
                    RECORDS_PER_SECOND,
                    stage.sizes().latencyWarmupSeconds(),
                    stage.sizes().latencySeconds());
            stage.put(Row.CLUSTER_PRODUCE_P50, result.produceP50());
            stage.put(Row.CLUSTER_PRODUCE_P99, result.produceP99());
        }
    }
}
