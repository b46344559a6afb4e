package dev.tidemark.bench.scenario;

import dev.tidemark.bench.broker.RunningBroker;
import dev.tidemark.bench.load.Partitions;
import dev.tidemark.bench.report.Row;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// 1 KiB records, acks=1, the producer's default batches, into 6 partitions; then one consumer reads them.
final class StreamScenario implements Scenario {
    private static final int PARTITIONS = 6;
    private static final Map<String, String> ACKS_1 = Map.of("acks", "1");

    @Override
    public String name() {
        return "stream";
    }

    @Override
    public Set<Row> rows() {
        return Set.of(Row.PRODUCE_CPU, Row.PRODUCE_RATE, Row.LOADED_RSS, Row.CONSUME_CPU, Row.CONSUME_RATE);
    }

    @Override
    public void run(Stage stage) throws IOException, InterruptedException {
        Sizes sizes = stage.sizes();
        long records = sizes.streamRecords();
        double gigabytes = records * Sizes.RECORD_BYTES / 1e9;
        double megabytesPerRecord = Sizes.RECORD_BYTES / 1e6;
        try (RunningBroker broker = stage.ready()) {
            try (Partitions partitions = new Partitions(broker.node())) {
                partitions.create(List.of("warmup", "stream"), PARTITIONS);
            }
            produce(stage, broker, "warmup", sizes.streamWarmup());
            stage.measure(
                    broker,
                    () -> produce(stage, broker, "stream", records),
                    Row.PRODUCE_RATE,
                    megabytesPerRecord,
                    Row.PRODUCE_CPU,
                    gigabytes);
            stage.put(Row.LOADED_RSS, broker.usage().residentBytes() / 1e6);
            stage.tools().consume(broker.bootstrap(), "warmup", sizes.streamWarmup());
            stage.measure(
                    broker,
                    () -> stage.tools().consume(broker.bootstrap(), "stream", records),
                    Row.CONSUME_RATE,
                    megabytesPerRecord,
                    Row.CONSUME_CPU,
                    gigabytes);
        }
    }

    private static double produce(Stage stage, RunningBroker broker, String topic, long records)
            throws IOException, InterruptedException {
        return stage.tools().produce(broker.bootstrap(), topic, records, Sizes.RECORD_BYTES, ACKS_1);
    }
}
