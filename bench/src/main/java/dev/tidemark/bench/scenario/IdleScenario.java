package dev.tidemark.bench.scenario;

import dev.tidemark.bench.broker.RunningBroker;
import dev.tidemark.bench.report.Row;
import java.io.IOException;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/// A broker starts on an empty folder, answers its first request, and then nobody asks anything.
final class IdleScenario implements Scenario {
    @Override
    public String name() {
        return "idle";
    }

    @Override
    public Set<Row> rows() {
        return Set.of(Row.START, Row.IDLE_RSS, Row.IDLE_CPU);
    }

    @Override
    public void run(Stage stage) throws IOException, InterruptedException {
        try (RunningBroker broker = stage.launch()) {
            stage.put(Row.START, broker.awaitFirstAnswer().toNanos() / 1e6);
            int seconds = stage.sizes().idleSeconds();
            TimeUnit.SECONDS.sleep(stage.sizes().settleSeconds());
            double before = broker.usage().cpuSeconds();
            TimeUnit.SECONDS.sleep(seconds);
            stage.put(Row.IDLE_CPU, (broker.usage().cpuSeconds() - before) * 1000 / seconds);
            stage.put(Row.IDLE_RSS, broker.usage().residentBytes() / 1e6);
        }
    }
}
