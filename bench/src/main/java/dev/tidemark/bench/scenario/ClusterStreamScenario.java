package dev.tidemark.bench.scenario;

import dev.tidemark.bench.broker.RunningCluster;
import dev.tidemark.bench.load.ClusterAdmin;
import dev.tidemark.bench.report.Row;
import java.io.IOException;
import java.util.Map;
import java.util.Set;

/// One producer at acks=all writes 1 KiB records in its default batches into 6 partitions of three replicas; then 100
/// bytes in each request into one partition; then 1 KiB records again that must be on every in-sync replica's disk
/// before they are acknowledged (Kafka: `flush.messages=1`).
final class ClusterStreamScenario implements Scenario {
    private static final int PARTITIONS = 6;
    private static final int SINGLE_BYTES = 100;
    private static final int PART = 3; // Three brokers write each record.
    private static final int FLUSHED_PART = 10;
    private static final Map<String, String> ALL = Map.of("acks", "all");
    private static final Map<String, String> ONE_BY_ONE = Map.of("acks", "all", "batch.size", "1", "linger.ms", "0");

    @Override
    public String name() {
        return "cluster-stream";
    }

    @Override
    public Set<Row> rows() {
        return Set.of(
                Row.CLUSTER_PRODUCE_CPU,
                Row.CLUSTER_PRODUCE_RATE,
                Row.CLUSTER_SINGLE_CPU,
                Row.CLUSTER_SINGLE_RATE,
                Row.CLUSTER_FLUSH_CPU,
                Row.CLUSTER_FLUSH_RATE);
    }

    @Override
    public void run(Stage stage) throws IOException, InterruptedException {
        try (RunningCluster cluster = stage.cluster();
                ClusterAdmin admin = new ClusterAdmin(cluster, stage.product())) {
            admin.create("stream", PARTITIONS, Map.of());
            stream(stage, cluster);
            admin.create("single", 1, Map.of());
            single(stage, cluster);
            boolean isKafka = stage.product().name().equals("kafka");
            Map<String, String> flush = isKafka ? Map.of("flush.messages", "1") : Map.of("flush.before.ack", "true");
            if (!stage.wants(Row.CLUSTER_FLUSH_CPU, Row.CLUSTER_FLUSH_RATE)) return;
            admin.create("flushed", PARTITIONS, flush);
            long records = stage.sizes().streamRecords() / FLUSHED_PART;
            measure(stage, cluster, "flushed", records, Row.CLUSTER_FLUSH_RATE, Row.CLUSTER_FLUSH_CPU);
        }
    }

    private static void stream(Stage stage, RunningCluster cluster) throws IOException, InterruptedException {
        stage.tools()
                .produce(cluster.bootstrap(), "stream", stage.sizes().streamWarmup() / PART, Sizes.RECORD_BYTES, ALL);
        long records = stage.sizes().streamRecords() / PART;
        measure(stage, cluster, "stream", records, Row.CLUSTER_PRODUCE_RATE, Row.CLUSTER_PRODUCE_CPU);
    }

    private static void measure(Stage stage, RunningCluster cluster, String topic, long records, Row rate, Row cpu)
            throws IOException, InterruptedException {
        stage.measure(
                cluster,
                () -> stage.tools().produce(cluster.bootstrap(), topic, records, Sizes.RECORD_BYTES, ALL),
                rate,
                Sizes.RECORD_BYTES / 1e6,
                cpu,
                records * Sizes.RECORD_BYTES / 1e9);
    }

    private static void single(Stage stage, RunningCluster cluster) throws IOException, InterruptedException {
        if (!stage.wants(Row.CLUSTER_SINGLE_CPU, Row.CLUSTER_SINGLE_RATE)) return;
        long requests = stage.sizes().singleRequests() / 2;
        stage.tools()
                .produce(cluster.bootstrap(), "single", stage.sizes().singleWarmup() / 2, SINGLE_BYTES, ONE_BY_ONE);
        stage.measure(
                cluster,
                () -> stage.tools().produce(cluster.bootstrap(), "single", requests, SINGLE_BYTES, ONE_BY_ONE),
                Row.CLUSTER_SINGLE_RATE,
                1,
                Row.CLUSTER_SINGLE_CPU,
                requests / 1e6);
    }
}
