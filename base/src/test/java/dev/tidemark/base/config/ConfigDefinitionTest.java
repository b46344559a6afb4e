package dev.tidemark.base.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class ConfigDefinitionTest {
    @Test
    void allTablesAreReadAndEveryDefaultIsAllowed() {
        for (ConfigDefinition definition :
                List.of(BrokerConfigs.DEFINITION, TopicConfigs.DEFINITION, GroupConfigs.DEFINITION)) {
            assertThat(definition.keys()).isNotEmpty().allSatisfy(key -> {
                if (key.defaultText() != null)
                    assertThat(key.parse(key.defaultText())).isEqualTo(key.defaultValue());
                assertThat(key.documentation()).endsWith(".").doesNotContain("|");
            });
        }
        assertThat(BrokerConfigs.DEFINITION.keys()).hasSizeGreaterThan(400);
        assertThat(TopicConfigs.DEFINITION.keys()).hasSize(39);
        assertThat(GroupConfigs.DEFINITION.keys()).hasSize(27);
    }

    @Test
    void everyTwinIsABrokersKey() {
        assertThat(TopicConfigs.DEFINITION.keys())
                .allSatisfy(key -> assertThat(key.twins())
                        .allSatisfy(twin -> assertThat(BrokerConfigs.DEFINITION.find(twin.name()))
                                .isPresent()));
        assertThat(GroupConfigs.DEFINITION.keys())
                .allSatisfy(key -> assertThat(key.twins())
                        .allSatisfy(twin -> assertThat(BrokerConfigs.DEFINITION.find(twin.name()))
                                .isPresent()));
    }

    @Test
    void aBadValueIsRefusedWithKeyValueAndWhatIsAllowed() {
        assertRefused(
                "retention.ms",
                "5x",
                "Invalid value '5x' for retention.ms: it must be a whole number from "
                        + "-9223372036854775808 to 9223372036854775807.");
        assertRefused("retention.ms", "-2", "Invalid value '-2' for retention.ms: it must be at least -1.");
        assertRefused(
                "compression.lz4.level",
                "18",
                "Invalid value '18' for compression.lz4.level: it must be from 1 to 17.");
        assertRefused(
                "compression.gzip.level",
                "0",
                "Invalid value '0' for compression.gzip.level: it must be one of -1 or from 1 to 9.");
        assertRefused(
                "cleanup.policy",
                "none,compact",
                "Invalid value 'none,compact' for cleanup.policy: it must be one of " + "compact, delete.");
        assertRefused("preallocate", "yes", "Invalid value 'yes' for preallocate: it must be true or false.");
        assertRefused(
                "leader.replication.throttled.replicas",
                "1:x",
                "Invalid value '1:x' for leader.replication.throttled.replicas: it must be * or a list of "
                        + "partition:broker.");
        assertRefused(
                "min.cleanable.dirty.ratio",
                "NaN",
                "Invalid value 'NaN' for min.cleanable.dirty.ratio: it must " + "be from 0 to 1.");
    }

    @Test
    void goodValuesAreTaken() {
        assertThatCode(() -> TopicConfigs.DEFINITION.validate(Map.of(
                        "retention.ms", " -1 ",
                        "cleanup.policy", "compact, delete,compact",
                        "compression.gzip.level", "-1",
                        "compression.type", "zstd",
                        "leader.replication.throttled.replicas", "0:1,1:2",
                        "preallocate", "TRUE")))
                .doesNotThrowAnyException();
        assertThat(TopicConfigs.DEFINITION.get("cleanup.policy").parse("compact, delete,compact"))
                .isEqualTo(List.of("compact", "delete"));
        assertThat(TopicConfigs.DEFINITION.get("cleanup.policy").parse("")).isEqualTo(List.of());
    }

    @Test
    void anUnknownKeyIsMetWithTheNearestKnownOne() {
        assertThat(BrokerConfigs.DEFINITION.unknown("log.retention.hour"))
                .isEqualTo("Unknown broker config 'log.retention.hour'; did you mean log.retention.hours?");
        assertThat(BrokerConfigs.DEFINITION.unknown("com.example.nothing.like.it"))
                .isEqualTo("Unknown broker config 'com.example.nothing.like.it'.");
        assertThatThrownBy(() -> TopicConfigs.DEFINITION.validate(Map.of("retention", "5")))
                .isInstanceOf(ConfigException.class)
                .hasMessage("Unknown topic config 'retention'.");
    }

    @Test
    void aSecretIsNotShown() {
        ConfigKey secret = BrokerConfigs.DEFINITION.get("ssl.key.password");
        assertThat(secret.parse("geheim")).hasToString("[hidden]");
        assertThat(secret.isSensitive()).isTrue();
    }

    @Test
    void listenersHaveKeysOfTheirOwn() {
        assertThat(BrokerConfigs.DEFINITION.find("listener.name.external.ssl.keystore.location"))
                .hasValueSatisfying(key -> assertThat(key.name()).isEqualTo("ssl.keystore.location"));
        assertThat(BrokerConfigs.DEFINITION.find("listener.name.sasl_ssl.scram-sha-256.sasl.jaas.config"))
                .hasValueSatisfying(key -> assertThat(key.isSensitive()).isTrue());
        assertThat(BrokerConfigs.DEFINITION.find("listener.name.external.max.connections"))
                .isPresent();
        assertThat(BrokerConfigs.DEFINITION.find("listener.name.external.log.dirs"))
                .isEmpty();
    }

    @Test
    void onlyWhatCanChangeIsChangedWhileBrokersRun() {
        ConfigDefinition brokers = BrokerConfigs.DEFINITION;
        brokers.validateDynamic(Map.of("log.retention.ms", "1000"), false);
        brokers.validateDynamic(Map.of("ssl.keystore.location", "/x"), true);

        assertThatThrownBy(() -> brokers.validateDynamic(Map.of("ssl.keystore.location", "/x"), false))
                .hasMessageContaining("each broker's own");
        assertThatThrownBy(() -> brokers.validateDynamic(Map.of("log.dirs", "/x"), true))
                .hasMessageContaining("Cannot change log.dirs while brokers run");
    }

    @Test
    void aKeyWithoutEffectSaysSo() {
        assertThat(BrokerConfigs.DEFINITION.get("process.roles").fullDocumentation())
                .endsWith("Accepted, no effect: it belongs to KRaft, and Tidemark's control plane is ZooKeeper.");
    }

    private static void assertRefused(String key, String value, String message) {
        assertThatThrownBy(() -> TopicConfigs.DEFINITION.validate(Map.of(key, value)))
                .isInstanceOf(ConfigException.class)
                .hasMessage(message);
    }
}
