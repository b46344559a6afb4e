package dev.tidemark.bench.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import org.junit.jupiter.api.Test;

class PerfToolsTest {
    @Test
    void theRateIsTheLastLinesNotAnIntermediateOnes() throws IOException {
        String printed = """
                300 records sent, 60.0 records/sec (0.06 MB/sec), 1.0 ms avg latency, 2.0 ms max latency.
                1000 records sent, 123.5 records/sec (0.12 MB/sec), 1.00 ms avg latency, 9.00 ms max latency, 0 ms 50th, 1 ms 95th, 2 ms 99th, 3 ms 99.9th.
                """;

        assertThat(PerfTools.lastRate(printed, 1000)).isEqualTo(123.5);
    }

    @Test
    void aRunThatLostRecordsHasNoRate() {
        String printed = """
                org.apache.kafka.common.errors.TimeoutException: Expiring 16 record(s)
                1000 records sent, 123.5 records/sec (0.12 MB/sec), 1.00 ms avg latency
                """;

        assertThatThrownBy(() -> PerfTools.lastRate(printed, 1000)).isInstanceOf(IOException.class);
    }
}
