package dev.tidemark.bench.broker;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import org.junit.jupiter.api.Test;

class ProcessUsageTest {
    @Test
    void readsUserAndSystemTimeBehindANameWithBlanksAndBrackets() {
        String stat = "4711 (a) name) S 1 4711 4711 0 -1 4194560 1 2 3 4 150 50 9 9 20 0 30 0 100 0 0";

        assertThat(ProcessUsage.cpuSeconds(stat)).isEqualTo(2.0);
    }

    @Test
    void tellsOfThisVeryProcess() throws IOException {
        ProcessUsage usage = ProcessUsage.of(ProcessHandle.current().pid());

        assertThat(usage.cpuSeconds()).isPositive();
        assertThat(usage.residentBytes()).isBetween(10L << 20, usage.residentPeakBytes());
    }
}
