package dev.tidemark.bench.report;

import java.util.Locale;

/// One line of the table: what is measured, its unit, and the highest ratio to Apache Kafka that is aimed at. Ratios
/// are costs, so that below 1 is always better: for a rate it is Kafka's divided by ours.
public enum Row {
    START("start to first answer", "ms", 0.25),
    IDLE_RSS("resident memory, idle", "MB", 0.35),
    IDLE_CPU("CPU, idle", "ms/s", 0.2),
    PRODUCE_CPU("CPU per GB produced, 6 partitions", "s", 0.4),
    PRODUCE_RATE("produce, 6 partitions", "MB/s", 1.0),
    LOADED_RSS("resident memory, after the load", "MB", 1.0),
    CONSUME_CPU("CPU per GB consumed", "s", 0.7),
    CONSUME_RATE("consume", "MB/s", 1.0),
    SPREAD_CPU("CPU per GB produced, 500 partitions", "s", 0.2),
    SPREAD_RATE("produce, 500 partitions", "MB/s", 1.0),
    SINGLE_CPU("CPU per million single-record requests", "s", 0.3),
    SINGLE_RATE("single-record requests", "1/s", 1.0),
    PRODUCE_P50("produce p50 at 500 records/s", "ms", 1.0),
    PRODUCE_P99("produce p99 at 500 records/s", "ms", 1.0),
    PRODUCE_P999("produce p99.9 at 500 records/s", "ms", 1.0),
    E2E_P50("end to end p50 at 500 records/s", "ms", 0.5),
    E2E_P99("end to end p99 at 500 records/s", "ms", 0.5),
    E2E_P999("end to end p99.9 at 500 records/s", "ms", 1.0),
    CREATE_1000("create 1,000 partitions until all take a record", "s", 1.0),
    CREATE_10000("create 10,000 partitions until all take a record", "s", 0.25),
    RESTART("kill -9 with 2 GB in 500 partitions, start until all serve", "s", 0.15),
    CLUSTER_START("three nodes: start until all know each other", "ms", 0.3),
    CLUSTER_IDLE_RSS("three nodes: resident memory, idle", "MB", 0.35),
    CLUSTER_IDLE_CPU("three nodes: CPU, idle", "ms/s", 0.35),
    CLUSTER_PRODUCE_CPU("three replicas, acks=all: CPU of all per GB", "s", 0.4),
    CLUSTER_PRODUCE_RATE("three replicas, acks=all: one producer", "MB/s", 0.5),
    CLUSTER_SINGLE_CPU("three replicas, acks=all: CPU of all per million single-record requests", "s", 0.3),
    CLUSTER_SINGLE_RATE("three replicas, acks=all: single-record requests", "1/s", 0.5),
    CLUSTER_FLUSH_CPU("the same per GB, on every replica's disk before the answer", "s", 1.0),
    CLUSTER_FLUSH_RATE("one producer, on every replica's disk before the answer", "MB/s", 1.0),
    CLUSTER_PRODUCE_P50("three replicas, acks=all: p50 at 500 records/s", "ms", 1.0),
    CLUSTER_PRODUCE_P99("three replicas, acks=all: p99 at 500 records/s", "ms", 0.5),
    TXN_1_RATE("transactions of 1 record, three replicas", "1/s", 0.667),
    TXN_10_RATE("transactions of 10 records over 3 partitions, three replicas", "1/s", 0.667),
    TXN_100_RATE("transactions of 100 records over 3 partitions, three replicas", "1/s", 0.667),
    TXN_10_COMMIT_P99("commit p99, 10 records over 3 partitions", "ms", 0.6),
    TXN_NONE_10_RATE("the same 10 records without a transaction, flushed", "1/s", 0.667),
    CLUSTER_FAILOVER_LEADER("kill -9 of a leader of 6 until all acknowledge", "ms", 0.1),
    CLUSTER_FAILOVER_CONTROLLER("kill -9 of the controller until all acknowledge", "ms", 0.1),
    CLUSTER_FAILOVER_BOTH("kill -9 of a leader of 6 and controller until all acknowledge", "ms", 0.1),
    CLUSTER_FAILOVER_2000("kill -9 of a leader of 2,000 and controller until all acknowledge", "ms", 0.1),
    CLUSTER_RETURN("it starts again until it is in all in-sync sets (6)", "ms", 1.0),
    CLUSTER_RETURN_2000("the same with 2,000 partitions", "ms", 1.0),
    CLUSTER_SHUTDOWN("controlled shutdown of a leader of 6 until all acknowledge", "ms", 1.0);

    private final String title;
    private final String unit;
    private final double target;

    Row(String title, String unit, double target) {
        this.title = title;
        this.unit = unit;
        this.target = target;
    }

    /// The name on the command line and in the JSON.
    public String id() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    public String title() {
        return title;
    }

    public String unit() {
        return unit;
    }

    public double target() {
        return target;
    }

    boolean isRate() {
        return unit.endsWith("/s") && !unit.equals("ms/s");
    }

    /// Our cost as a part of the other's.
    public double ratio(double other, double ours) {
        return isRate() ? other / ours : ours / other;
    }
}
