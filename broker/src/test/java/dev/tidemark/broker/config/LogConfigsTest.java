package dev.tidemark.broker.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

class LogConfigsTest {
    private final BrokerConfiguration configuration = new BrokerConfiguration(1, Map.of());

    private int segmentBytes(Map<String, String> topic) {
        return LogConfigs.of(configuration.topicWith(topic), configuration.broker())
                .segmentBytes();
    }

    /// As Kafka's own tests use it.
    @Test
    void segmentsOfTestsMayBeSmallerThanThoseOfUsers() {
        assertThat(segmentBytes(Map.of("segment.bytes", "1048576"))).isEqualTo(1 << 20);
        assertThat(segmentBytes(Map.of("segment.bytes", "1048576", "internal.segment.bytes", "16384")))
                .isEqualTo(16_384);
    }
}
