package dev.tidemark.bench.scenario;

import dev.tidemark.bench.broker.RunningBroker;
import dev.tidemark.bench.load.LatencyResult;
import dev.tidemark.bench.load.Partitions;
import dev.tidemark.bench.report.Row;
import java.io.IOException;
import java.util.List;
import java.util.Set;

/// 500 records of 1 KiB a second, whatever the answers take, into one partition that a consumer follows.
final class LatencyScenario implements Scenario {
    private static final int RECORDS_PER_SECOND = 500;

    @Override
    public String name() {
        return "latency";
    }

    @Override
    public Set<Row> rows() {
        return Set.of(Row.PRODUCE_P50, Row.PRODUCE_P99, Row.PRODUCE_P999, Row.E2E_P50, Row.E2E_P99, Row.E2E_P999);
    }

    @Override
    public void run(Stage stage) throws IOException, InterruptedException {
        Sizes sizes = stage.sizes();
        try (RunningBroker broker = stage.ready()) {
            try (Partitions partitions = new Partitions(broker.node())) {
                partitions.create(List.of("latency"), 1);
            }
            LatencyResult result = LatencyResult.measure(
                    broker.bootstrap(),
                    "latency",
                    "1",
                    RECORDS_PER_SECOND,
                    sizes.latencyWarmupSeconds(),
                    sizes.latencySeconds());
            stage.put(Row.PRODUCE_P50, result.produceP50());
            stage.put(Row.PRODUCE_P99, result.produceP99());
            stage.put(Row.PRODUCE_P999, result.produceP999());
            stage.put(Row.E2E_P50, result.endToEndP50());
            stage.put(Row.E2E_P99, result.endToEndP99());
            stage.put(Row.E2E_P999, result.endToEndP999());
        }
    }
}
