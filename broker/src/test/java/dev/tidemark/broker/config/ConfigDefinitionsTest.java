package dev.tidemark.broker.config;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.metadata.image.ConfigResource;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class ConfigDefinitionsTest {
    private final BrokerConfiguration configuration =
            new BrokerConfiguration(1, Map.of("log.cleaner.max.compaction.lag.ms", "1000"));
    private final ConfigDefinitions definitions = new ConfigDefinitions(configuration::broker);

    private Optional<String> refusal(ConfigResource resource, Map<String, String> entries) {
        return definitions.refusal(resource, new TreeMap<>(entries));
    }

    @Test
    void valuesThatDoNotGoTogetherAreRefusedForAllBrokers() {
        assertThat(refusal(ConfigResource.DEFAULT_BROKER, Map.of("log.cleaner.min.compaction.lag.ms", "1001")))
                .hasValueSatisfying(message ->
                        assertThat(message).contains("log.cleaner.min.compaction.lag.ms", "1001", "at most"));
        assertThat(refusal(ConfigResource.DEFAULT_BROKER, Map.of("log.retention.ms", "0")))
                .isPresent();
        assertThat(refusal(ConfigResource.DEFAULT_BROKER, Map.of("log.cleaner.min.compaction.lag.ms", "1000")))
                .isEmpty();
    }

    /// The file of this broker says nothing of another one's.
    @Test
    void valuesOfOneBrokerAreLookedAtByThemselves() {
        Map<String, String> entries = new TreeMap<>(Map.of("log.cleaner.min.compaction.lag.ms", "1001"));
        assertThat(refusal(ConfigResource.broker(2), entries)).isEmpty();

        entries.put("log.cleaner.max.compaction.lag.ms", "1000");
        assertThat(refusal(ConfigResource.broker(2), entries)).isPresent();
    }

    @Test
    void whatIsReadAtTheStartOnlyCannotBeChangedLater() {
        assertThat(refusal(ConfigResource.DEFAULT_BROKER, Map.of("num.network.threads", "4")))
                .hasValueSatisfying(message -> assertThat(message).contains("server.properties"));
    }
}
