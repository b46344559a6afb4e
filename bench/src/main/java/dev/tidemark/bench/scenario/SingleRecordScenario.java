package dev.tidemark.bench.scenario;

import dev.tidemark.bench.broker.RunningBroker;
import dev.tidemark.bench.load.Partitions;
import dev.tidemark.bench.report.Row;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// One record in each request: batches of one byte at most, no linger, one partition.
final class SingleRecordScenario implements Scenario {
    private static final int RECORD_BYTES = 100;
    private static final Map<String, String> ONE_BY_ONE = Map.of("acks", "1", "batch.size", "1", "linger.ms", "0");

    @Override
    public String name() {
        return "single-record";
    }

    @Override
    public Set<Row> rows() {
        return Set.of(Row.SINGLE_CPU, Row.SINGLE_RATE);
    }

    @Override
    public void run(Stage stage) throws IOException, InterruptedException {
        long requests = stage.sizes().singleRequests();
        try (RunningBroker broker = stage.ready()) {
            try (Partitions partitions = new Partitions(broker.node())) {
                partitions.create(List.of("single"), 1);
            }
            produce(stage, broker, stage.sizes().singleWarmup());
            stage.measure(
                    broker, () -> produce(stage, broker, requests), Row.SINGLE_RATE, 1, Row.SINGLE_CPU, requests / 1e6);
        }
    }

    private static double produce(Stage stage, RunningBroker broker, long records)
            throws IOException, InterruptedException {
        return stage.tools().produce(broker.bootstrap(), "single", records, RECORD_BYTES, ONE_BY_ONE);
    }
}
