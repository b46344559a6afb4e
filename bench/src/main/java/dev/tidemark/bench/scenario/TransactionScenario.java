package dev.tidemark.bench.scenario;

import dev.tidemark.bench.broker.RunningCluster;
import dev.tidemark.bench.load.ClusterAdmin;
import dev.tidemark.bench.load.TransactionResult;
import dev.tidemark.bench.report.Row;
import java.io.IOException;
import java.util.Map;
import java.util.Set;

/// One producer commits one transaction after the other, of 1, 10 and 100 records of 100 bytes in turn into three
/// partitions of three replicas; then it writes 10 at a time without transactions, and waits for each ten.
final class TransactionScenario implements Scenario {
    private static final int PARTITIONS = 3;
    private static final int PART = 3; // Four loads take the time of about one.

    @Override
    public String name() {
        return "transactions";
    }

    @Override
    public Set<Row> rows() {
        return Set.of(Row.TXN_1_RATE, Row.TXN_10_RATE, Row.TXN_100_RATE, Row.TXN_10_COMMIT_P99, Row.TXN_NONE_10_RATE);
    }

    @Override
    public void run(Stage stage) throws IOException, InterruptedException {
        try (RunningCluster cluster = stage.cluster();
                ClusterAdmin admin = new ClusterAdmin(cluster, stage.product())) {
            admin.create("transactions", PARTITIONS, Map.of());
            if (stage.wants(Row.TXN_1_RATE))
                stage.put(Row.TXN_1_RATE, measure(stage, cluster, 1, true).perSecond());
            if (stage.wants(Row.TXN_10_RATE, Row.TXN_10_COMMIT_P99)) {
                TransactionResult ten = measure(stage, cluster, 10, true);
                stage.put(Row.TXN_10_RATE, ten.perSecond());
                stage.put(Row.TXN_10_COMMIT_P99, ten.commitP99());
            }
            if (stage.wants(Row.TXN_100_RATE))
                stage.put(Row.TXN_100_RATE, measure(stage, cluster, 100, true).perSecond());
            if (stage.wants(Row.TXN_NONE_10_RATE))
                stage.put(
                        Row.TXN_NONE_10_RATE, measure(stage, cluster, 10, false).perSecond());
        }
    }

    private static TransactionResult measure(Stage stage, RunningCluster cluster, int records, boolean transactional)
            throws IOException, InterruptedException {
        return TransactionResult.measure(
                cluster.bootstrap(),
                "transactions",
                PARTITIONS,
                records,
                transactional,
                stage.sizes().latencyWarmupSeconds(),
                Math.max(5, stage.sizes().latencySeconds() / PART));
    }
}
