package dev.tidemark.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/// A seed tells all that happens.
class ReplayTest {
    private static final long SEED = 20_260;
    private static final Scenario.Wishes SHORT = new Scenario.Wishes(3, 15_000);

    @Test
    void aSeedReplaysToTheSameByte() {
        long first = new Simulation(SEED, SHORT).run().traceHash();
        long second = new Simulation(SEED, SHORT).run().traceHash();

        assertThat(second).isEqualTo(first);
    }

    @Test
    void anotherSeedIsAnotherStory() {
        long first = new Simulation(SEED, SHORT).run().traceHash();
        long other = new Simulation(SEED + 1, SHORT).run().traceHash();

        assertThat(other).isNotEqualTo(first);
    }

    /// Salted collections and identity hashes are the same within one process.
    @Test
    void anotherProcessReplaysItToo() throws Exception {
        assertThat(tracesOfAnotherProcess()).isEqualTo(tracesOfAnotherProcess());
    }

    private static List<String> tracesOfAnotherProcess() throws IOException, InterruptedException {
        Process process = new ProcessBuilder(
                        ProcessHandle.current().info().command().orElse("java"),
                        "-XX:+UseSerialGC",
                        "-XX:+UnlockExperimentalVMOptions",
                        "-XX:hashCode=2",
                        "--enable-native-access=ALL-UNNAMED",
                        "--sun-misc-unsafe-memory-access=allow",
                        "-cp",
                        System.getProperty("java.class.path"),
                        "dev.tidemark.simulator.SimulateMain",
                        "--brokers",
                        "3",
                        "--seed",
                        Long.toString(SEED),
                        "--seeds",
                        "2",
                        "--seconds",
                        "15")
                .redirectErrorStream(true)
                .start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        process.waitFor();
        List<String> traces = Pattern.compile("trace ([0-9a-f]{16})")
                .matcher(output)
                .results()
                .map(MatchResult::group)
                .toList();
        assertThat(traces).as(output).hasSize(2);
        return traces;
    }
}
