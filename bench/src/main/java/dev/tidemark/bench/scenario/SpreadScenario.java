package dev.tidemark.bench.scenario;

import dev.tidemark.bench.broker.RunningBroker;
import dev.tidemark.bench.load.Partitions;
import dev.tidemark.bench.report.Row;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// The same records one by one to each of 500 partitions, so that a request carries many small batches; then the
/// topic is filled to 2 GB, the broker is killed with SIGKILL and started again, until every partition tells its end.
/// Not one acknowledged record may be missing then.
final class SpreadScenario implements Scenario {
    private static final int PARTITIONS = 500;
    private static final String TOPIC = "spread";

    /// Without it the producer fills one partition's batch after the other.
    private static final Map<String, String> ROUND_ROBIN =
            Map.of("acks", "1", "partitioner.class", "org.apache.kafka.clients.producer.RoundRobinPartitioner");

    @Override
    public String name() {
        return "spread";
    }

    @Override
    public Set<Row> rows() {
        return Set.of(Row.SPREAD_CPU, Row.SPREAD_RATE, Row.RESTART);
    }

    @Override
    public void run(Stage stage) throws IOException, InterruptedException {
        try (RunningBroker broker = stage.ready()) {
            try (Partitions partitions = new Partitions(broker.node())) {
                partitions.create(List.of(TOPIC), PARTITIONS);
            }
            long written = stage.wants(Row.SPREAD_CPU, Row.SPREAD_RATE) ? measureProduce(stage, broker) : 0;
            if (stage.wants(Row.RESTART)) measureRestart(stage, broker, written);
        }
    }

    private static long measureProduce(Stage stage, RunningBroker broker) throws IOException, InterruptedException {
        long warmup = stage.sizes().spreadWarmup();
        long records = stage.sizes().spreadRecords();
        produce(stage, broker, warmup, ROUND_ROBIN);
        stage.measure(
                broker,
                () -> produce(stage, broker, records, ROUND_ROBIN),
                Row.SPREAD_RATE,
                Sizes.RECORD_BYTES / 1e6,
                Row.SPREAD_CPU,
                records * Sizes.RECORD_BYTES / 1e9);
        return warmup + records;
    }

    private static void measureRestart(Stage stage, RunningBroker broker, long writtenBefore)
            throws IOException, InterruptedException {
        long all = Math.max(writtenBefore, stage.sizes().restartRecords());
        if (all > writtenBefore) produce(stage, broker, all - writtenBefore, Map.of("acks", "1"));
        broker.kill9();
        broker.launch();
        broker.awaitFirstAnswer();
        try (Partitions partitions = new Partitions(broker.node())) {
            long found = partitions.awaitEnds(TOPIC, PARTITIONS);
            stage.put(Row.RESTART, broker.sinceStart().toNanos() / 1e9);
            // More than acknowledged may be there: a producer writes again when an answer did not come in time.
            if (found < all) throw new IOException(found + " of " + all + " acknowledged records after kill -9");
        }
    }

    private static double produce(Stage stage, RunningBroker broker, long records, Map<String, String> properties)
            throws IOException, InterruptedException {
        return stage.tools().produce(broker.bootstrap(), TOPIC, records, Sizes.RECORD_BYTES, properties);
    }
}
