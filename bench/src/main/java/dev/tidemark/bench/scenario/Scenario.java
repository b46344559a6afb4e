package dev.tidemark.bench.scenario;

import dev.tidemark.bench.report.Row;
import java.io.IOException;
import java.util.List;
import java.util.Set;

/// One situation that is measured on a broker of its own, started on an empty folder.
public interface Scenario {
    String name();

    Set<Row> rows();

    void run(Stage stage) throws IOException, InterruptedException;

    /// In the order in which a round runs them.
    static List<Scenario> all() {
        return List.of(
                new IdleScenario(),
                new StreamScenario(),
                new SpreadScenario(),
                new SingleRecordScenario(),
                new LatencyScenario(),
                new CreateScenario(1_000, Row.CREATE_1000),
                new CreateScenario(10_000, Row.CREATE_10000));
    }
}
