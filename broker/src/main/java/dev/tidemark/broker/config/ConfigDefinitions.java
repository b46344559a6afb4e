package dev.tidemark.broker.config;

import dev.tidemark.base.config.BrokerConfigs;
import dev.tidemark.base.config.ConfigDefinition;
import dev.tidemark.base.config.ConfigException;
import dev.tidemark.base.config.ConfigKey;
import dev.tidemark.base.config.ConfigSource;
import dev.tidemark.base.config.ConfigType;
import dev.tidemark.base.config.ConfigValues;
import dev.tidemark.base.config.ConfigValues.Layer;
import dev.tidemark.base.config.GroupConfigs;
import dev.tidemark.base.config.TopicConfigs;
import dev.tidemark.metadata.controller.ConfigRules;
import dev.tidemark.metadata.image.ConfigResource;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.function.Supplier;

/// Tells the controller which configs may be set.
public final class ConfigDefinitions implements ConfigRules {
    private final Supplier<ConfigValues> broker;

    /// @param broker the values that topics and groups stand on
    public ConfigDefinitions(Supplier<ConfigValues> broker) {
        this.broker = broker;
    }

    @Override
    public Optional<String> refusal(ConfigResource resource, SortedMap<String, String> entries) {
        try {
            check(resource, entries);
            return Optional.empty();
        } catch (ConfigException refused) {
            return Optional.of(String.valueOf(refused.getMessage()));
        }
    }

    private void check(ConfigResource resource, SortedMap<String, String> entries) {
        switch (resource.type()) {
            case TOPIC -> {
                TopicConfigs.DEFINITION.validate(entries);
                TopicConfigs.check(
                        broker.get().with(TopicConfigs.DEFINITION, ConfigSource.DYNAMIC_TOPIC_CONFIG, entries));
            }
            case BROKER -> checkBroker(entries, !resource.equals(ConfigResource.DEFAULT_BROKER));
            case GROUP -> {
                GroupConfigs.DEFINITION.validate(entries);
                ConfigValues values = broker.get();
                GroupConfigs.check(
                        values.with(GroupConfigs.DEFINITION, ConfigSource.DYNAMIC_GROUP_CONFIG, entries), values);
            }
            case CLIENT_METRICS ->
                throw new ConfigException(
                        resource.name(),
                        "Client metrics subscriptions are not served here, so there are no configs for them.");
        }
    }

    /// What stands in another broker's file is not known here.
    private void checkBroker(SortedMap<String, String> entries, boolean forOneBroker) {
        BrokerConfigs.DEFINITION.validateDynamic(entries, forOneBroker);
        BrokerConfigs.check(
                forOneBroker
                        ? ConfigValues.of(
                                BrokerConfigs.DEFINITION,
                                List.of(new Layer(ConfigSource.DYNAMIC_BROKER_CONFIG, entries)))
                        : broker.get().replacing(new Layer(ConfigSource.DYNAMIC_DEFAULT_BROKER_CONFIG, entries)));
    }

    @Override
    public boolean isList(ConfigResource.Type type, String key) {
        return find(type, key).filter(found -> found.type() == ConfigType.LIST).isPresent();
    }

    @Override
    public Optional<String> defaultValue(ConfigResource.Type type, String key) {
        return switch (type) {
            case TOPIC ->
                described(
                        broker.get()
                                .with(TopicConfigs.DEFINITION, ConfigSource.DYNAMIC_TOPIC_CONFIG, java.util.Map.of()),
                        key);
            case BROKER -> described(broker.get(), key);
            case GROUP, CLIENT_METRICS -> find(type, key).map(ConfigKey::defaultText);
        };
    }

    private static Optional<String> described(ConfigValues values, String key) {
        return values.describe(key, false).map(ConfigValues.Described::value);
    }

    private static Optional<ConfigKey> find(ConfigResource.Type type, String key) {
        Optional<ConfigDefinition> definition = switch (type) {
            case TOPIC -> Optional.of(TopicConfigs.DEFINITION);
            case BROKER -> Optional.of(BrokerConfigs.DEFINITION);
            case GROUP -> Optional.of(GroupConfigs.DEFINITION);
            case CLIENT_METRICS -> Optional.empty();
        };
        return definition.flatMap(found -> found.find(key));
    }
}
