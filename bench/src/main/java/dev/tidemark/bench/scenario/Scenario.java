package dev.tidemark.bench.scenario;

import dev.tidemark.bench.report.Row;
import java.io.IOException;
import java.util.List;
import java.util.Set;

/// One situation that is measured on a broker of its own, started on an empty folder.
public interface Scenario {
    /// Whom a failover takes away, and how.
    enum Victim {
        /// Killed; it leads all partitions and is not the controller.
        LEADER,
        /// Killed; it is the controller and leads nothing.
        CONTROLLER,
        /// Killed; it is both.
        BOTH,
        /// Told to stop; it leads all partitions.
        STOPPED
    }

    String name();

    Set<Row> rows();

    void run(Stage stage) throws IOException, InterruptedException;

    /// Whether its folder stays until the end of the run. ext4 looks at each inode that was deleted in the last minute
    /// before it gives out another: who creates files right after ten thousands were deleted pays for it.
    default boolean keepsFolder() {
        return false;
    }

    /// In the order in which a round runs them.
    static List<Scenario> all() {
        return List.of(
                new IdleScenario(),
                new StreamScenario(),
                new SpreadScenario(),
                new SingleRecordScenario(),
                new LatencyScenario(),
                new CreateScenario(1_000, Row.CREATE_1000),
                new CreateScenario(10_000, Row.CREATE_10000),
                new ClusterIdleScenario(),
                new ClusterStreamScenario(),
                new ClusterLatencyScenario(),
                new TransactionScenario(),
                new ClusterFailoverScenario("cluster-leader", 6, Victim.LEADER, Row.CLUSTER_FAILOVER_LEADER, null),
                new ClusterFailoverScenario(
                        "cluster-controller", 6, Victim.CONTROLLER, Row.CLUSTER_FAILOVER_CONTROLLER, null),
                new ClusterFailoverScenario(
                        "cluster-both", 6, Victim.BOTH, Row.CLUSTER_FAILOVER_BOTH, Row.CLUSTER_RETURN),
                new ClusterFailoverScenario(
                        "cluster-2000", 2_000, Victim.BOTH, Row.CLUSTER_FAILOVER_2000, Row.CLUSTER_RETURN_2000),
                new ClusterFailoverScenario("cluster-shutdown", 6, Victim.STOPPED, Row.CLUSTER_SHUTDOWN, null));
    }
}
