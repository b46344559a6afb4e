package dev.tidemark.base.config;

import static dev.tidemark.base.config.ConfigSource.DEFAULT_CONFIG;
import static dev.tidemark.base.config.ConfigSource.DYNAMIC_BROKER_CONFIG;
import static dev.tidemark.base.config.ConfigSource.DYNAMIC_DEFAULT_BROKER_CONFIG;
import static dev.tidemark.base.config.ConfigSource.DYNAMIC_TOPIC_CONFIG;
import static dev.tidemark.base.config.ConfigSource.STATIC_BROKER_CONFIG;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tidemark.base.config.ConfigValues.Described;
import dev.tidemark.base.config.ConfigValues.Layer;
import dev.tidemark.base.config.ConfigValues.Synonym;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class ConfigValuesTest {
    @Test
    void theHighestLayerCounts() {
        ConfigValues broker = broker(
                Map.of("message.max.bytes", "1"),
                Map.of("message.max.bytes", "2", "num.partitions", "9"),
                Map.of("message.max.bytes", "3", "num.partitions", "4", "auto.create.topics.enable", "false"));

        assertThat(broker.intValue("message.max.bytes")).isEqualTo(1);
        assertThat(broker.intValue("num.partitions")).isEqualTo(9);
        assertThat(broker.booleanValue("auto.create.topics.enable")).isFalse();
        assertThat(broker.longValue("connections.max.idle.ms")).isEqualTo(600_000);
        assertThat(broker.value("log.retention.ms")).isEmpty();
        assertThat(broker.listValue("log.dir")).containsExactly("/tmp/kafka-logs");
    }

    @Test
    void aTopicStandsOnItsBroker() {
        ConfigValues broker = broker(
                Map.of(),
                Map.of("log.segment.bytes", "2000000"),
                Map.of("log.retention.hours", "2", "log.roll.ms", "77"));
        ConfigValues topic = topic(broker, Map.of("segment.ms", "5"));

        assertThat(topic.longValue("segment.ms")).isEqualTo(5);
        assertThat(topic.longValue("segment.bytes")).isEqualTo(2_000_000);
        assertThat(topic.longValue("retention.ms")).isEqualTo(2 * 3_600_000);
        assertThat(topic.longValue("flush.ms")).isEqualTo(Long.MAX_VALUE);
        assertThat(topic(broker, Map.of()).longValue("segment.ms")).isEqualTo(77);
        assertThat(topic.listValue("cleanup.policy")).containsExactly("delete");
        assertThat(topic.doubleValue("min.cleanable.dirty.ratio")).isEqualTo(0.5);
        assertThat(topic.stringValue("compression.type")).isEqualTo("producer");
    }

    @Test
    void millisecondsCountMoreThanMinutesAndThoseMoreThanHours() {
        Map<String, String> hours = Map.of("log.retention.hours", "2");
        Map<String, String> minutes = Map.of("log.retention.hours", "2", "log.retention.minutes", "7");
        Map<String, String> all =
                Map.of("log.retention.hours", "2", "log.retention.minutes", "7", "log.retention.ms", "-1");

        assertThat(retentionMs(Map.of())).isEqualTo(168L * 3_600_000);
        assertThat(retentionMs(hours)).isEqualTo(2L * 3_600_000);
        assertThat(retentionMs(minutes)).isEqualTo(7L * 60_000);
        assertThat(retentionMs(all)).isEqualTo(-1);
        assertThat(retentionMs(Map.of("log.retention.hours", "-1"))).isEqualTo(-1);
    }

    @Test
    void aTopicsValueIsDescribedWithAllThatWouldTakeItsPlace() {
        ConfigValues broker = broker(
                Map.of("log.retention.ms", "3000"),
                Map.of("log.retention.ms", "2000"),
                Map.of("log.retention.hours", "1"));
        Described described = topic(broker, Map.of("retention.ms", "9"))
                .describe("retention.ms", true)
                .orElseThrow();

        assertThat(described.value()).isEqualTo("9");
        assertThat(described.source()).isEqualTo(DYNAMIC_TOPIC_CONFIG);
        assertThat(described.isReadOnly()).isFalse();
        assertThat(described.synonyms())
                .containsExactly(
                        new Synonym("retention.ms", "9", DYNAMIC_TOPIC_CONFIG),
                        new Synonym("log.retention.ms", "3000", DYNAMIC_BROKER_CONFIG),
                        new Synonym("log.retention.ms", "2000", DYNAMIC_DEFAULT_BROKER_CONFIG),
                        new Synonym("log.retention.hours", "1", STATIC_BROKER_CONFIG),
                        new Synonym("log.retention.hours", "168", DEFAULT_CONFIG));
    }

    @Test
    void anUnsetTopicsValueHasItsBrokersSource() {
        Described fromFile = topic(broker(Map.of(), Map.of(), Map.of("log.retention.hours", "1")), Map.of())
                .describe("retention.ms", false)
                .orElseThrow();
        Described fromNowhere = topic(broker(Map.of(), Map.of(), Map.of()), Map.of())
                .describe("retention.ms", true)
                .orElseThrow();

        assertThat(fromFile.value()).isEqualTo("3600000");
        assertThat(fromFile.source()).isEqualTo(STATIC_BROKER_CONFIG);
        assertThat(fromFile.synonyms()).isEmpty();
        assertThat(fromNowhere.isDefault()).isTrue();
        assertThat(fromNowhere.value()).isEqualTo("604800000");
        assertThat(fromNowhere.synonyms()).containsExactly(new Synonym("log.retention.hours", "168", DEFAULT_CONFIG));
    }

    @Test
    void aBrokersOwnValueIsDescribed() {
        ConfigValues broker = broker(
                Map.of("log.retention.ms", "5"),
                Map.of(),
                Map.of("log.retention.hours", "1", "ssl.key.password", "geheim"));
        Described hours = broker.describe("log.retention.hours", true).orElseThrow();
        Described secret = broker.describe("ssl.key.password", true).orElseThrow();

        assertThat(hours.value()).isEqualTo("1");
        assertThat(hours.isReadOnly()).isTrue();
        assertThat(hours.synonyms())
                .containsExactly(
                        new Synonym("log.retention.hours", "1", STATIC_BROKER_CONFIG),
                        new Synonym("log.retention.hours", "168", DEFAULT_CONFIG));
        assertThat(secret.value()).isNull();
        assertThat(secret.isSensitive()).isTrue();
        assertThat(secret.synonyms()).containsExactly(new Synonym("ssl.key.password", null, STATIC_BROKER_CONFIG));
        assertThat(broker.passwordValue("ssl.key.password")).hasValue("geheim");
        assertThat(broker.describe("no.such.key", true)).isEmpty();
    }

    @Test
    void internalKeysAreDescribedOnlyWhereTheyAreSet() {
        ConfigValues broker = broker(Map.of(), Map.of(), Map.of());
        assertThat(topic(broker, Map.of()).describeAll(false))
                .extracting(Described::name)
                .contains("retention.ms")
                .doesNotContain("internal.segment.bytes");
        assertThat(topic(broker, Map.of("internal.segment.bytes", "100")).describeAll(false))
                .extracting(Described::name)
                .contains("internal.segment.bytes");
    }

    @Test
    void aBadStoredValueIsToldAndPassedOver() {
        List<String> told = new ArrayList<>();
        Layer layer = new Layer(DYNAMIC_TOPIC_CONFIG, Map.of("retention.ms", "soon", "segment.ms", "8"));
        ConfigValues topic = broker(Map.of(), Map.of(), Map.of())
                .with(TopicConfigs.DEFINITION, layer.source(), layer.values(), bad -> told.add(bad.key()));

        assertThat(told).containsExactly("retention.ms");
        assertThat(topic.longValue("retention.ms")).isEqualTo(604_800_000);
        assertThat(topic.longValue("segment.ms")).isEqualTo(8);
    }

    @Test
    void valuesThatDoNotGoTogetherAreRefused() {
        assertThatCode(() -> BrokerConfigs.check(broker(Map.of(), Map.of(), Map.of())))
                .doesNotThrowAnyException();
        assertThatThrownBy(() -> BrokerConfigs.check(broker(Map.of(), Map.of(), Map.of("log.retention.ms", "0"))))
                .hasMessage("Invalid value '0' for log.retention.ms: it must be at least 1, or -1 for no limit.");
        assertThatThrownBy(() -> BrokerConfigs.check(
                        broker(Map.of(), Map.of(), Map.of("group.consumer.session.timeout.ms", "70000"))))
                .hasMessage("Invalid value '70000' for group.consumer.session.timeout.ms: it must be at most "
                        + "group.consumer.max.session.timeout.ms, which is 60000.");
        ConfigValues broker = broker(Map.of(), Map.of(), Map.of());
        assertThatThrownBy(() -> TopicConfigs.check(
                        topic(broker, Map.of("min.compaction.lag.ms", "9", "max.compaction.lag.ms", "8"))))
                .hasMessageContaining("at most max.compaction.lag.ms, which is 8");
        assertThatThrownBy(() -> GroupConfigs.check(group(broker, "consumer.session.timeout.ms", "1"), broker))
                .hasMessageContaining("from 45000 to 60000");
        assertThatCode(() -> GroupConfigs.check(group(broker, "consumer.session.timeout.ms", "50000"), broker))
                .doesNotThrowAnyException();
    }

    private static long retentionMs(Map<String, String> file) {
        return topic(broker(Map.of(), Map.of(), file), Map.of()).longValue("retention.ms");
    }

    private static ConfigValues broker(
            Map<String, String> ownDynamic, Map<String, String> allDynamic, Map<String, String> file) {
        return ConfigValues.of(
                BrokerConfigs.DEFINITION,
                List.of(
                        new Layer(DYNAMIC_BROKER_CONFIG, ownDynamic),
                        new Layer(DYNAMIC_DEFAULT_BROKER_CONFIG, allDynamic),
                        new Layer(STATIC_BROKER_CONFIG, file)));
    }

    private static ConfigValues topic(ConfigValues broker, Map<String, String> overrides) {
        return broker.with(TopicConfigs.DEFINITION, DYNAMIC_TOPIC_CONFIG, overrides);
    }

    private static ConfigValues group(ConfigValues broker, String key, String value) {
        return broker.with(GroupConfigs.DEFINITION, ConfigSource.DYNAMIC_GROUP_CONFIG, Map.of(key, value));
    }
}
