package dev.tidemark.broker.config;

import dev.tidemark.base.config.BrokerConfigs;
import dev.tidemark.base.config.ConfigException;
import dev.tidemark.base.config.ConfigSource;
import dev.tidemark.base.config.ConfigValues;
import dev.tidemark.base.config.ConfigValues.Layer;
import dev.tidemark.base.config.GroupConfigs;
import dev.tidemark.base.config.TopicConfigs;
import dev.tidemark.metadata.image.ConfigResource;
import dev.tidemark.metadata.image.ConfigsImage;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The values in force: those of `server.properties`, under those that were set while brokers run, for this broker and
/// for all. Topics and groups stand on them.
///
/// Written by the one that applies metadata changes; read from every thread. Bad values that were stored by other hands
/// are told once in the log and count as not set.
public final class BrokerConfiguration {
    private static final Logger LOG = LoggerFactory.getLogger(BrokerConfiguration.class);

    private final int nodeId;
    private final Map<String, String> fileValues;
    private volatile Current current;

    private record Current(ConfigValues broker, ConfigsImage dynamic) {}

    /// @throws ConfigException at a value in `fileValues` that its key does not allow
    public BrokerConfiguration(int nodeId, Map<String, String> fileValues) {
        this.nodeId = nodeId;
        this.fileValues = Map.copyOf(fileValues);
        ConfigValues broker = ConfigValues.of(BrokerConfigs.DEFINITION, List.of(fileLayer()));
        this.current = new Current(broker, ConfigsImage.EMPTY);
    }

    private Layer fileLayer() {
        return new Layer(ConfigSource.STATIC_BROKER_CONFIG, fileValues);
    }

    /// Takes over what the cluster's metadata says now.
    ///
    /// @return whether the values of this broker changed
    public boolean onChange(ConfigsImage dynamic) {
        Current before = current;
        boolean brokerChanged = !entries(dynamic, ownResource()).equals(entries(before.dynamic, ownResource()))
                || !entries(dynamic, ConfigResource.DEFAULT_BROKER)
                        .equals(entries(before.dynamic, ConfigResource.DEFAULT_BROKER));
        current = new Current(brokerChanged ? brokerValues(dynamic) : before.broker, dynamic);
        return brokerChanged;
    }

    private ConfigResource ownResource() {
        return ConfigResource.broker(nodeId);
    }

    private static Map<String, String> entries(ConfigsImage image, ConfigResource resource) {
        return image.of(resource).entries();
    }

    private ConfigValues brokerValues(ConfigsImage dynamic) {
        return ConfigValues.of(
                BrokerConfigs.DEFINITION,
                List.of(
                        new Layer(ConfigSource.DYNAMIC_BROKER_CONFIG, entries(dynamic, ownResource())),
                        new Layer(
                                ConfigSource.DYNAMIC_DEFAULT_BROKER_CONFIG,
                                entries(dynamic, ConfigResource.DEFAULT_BROKER)),
                        fileLayer()),
                bad -> LOG.warn("A stored broker config is passed over: {}", bad.getMessage()));
    }

    public ConfigValues broker() {
        return current.broker;
    }

    /// A topic's values, of a topic without its own ones if it is not known.
    public ConfigValues topic(String name) {
        Current now = current;
        return topic(now.broker, name, entries(now.dynamic, ConfigResource.topic(name)));
    }

    /// The values of a topic that has these of its own.
    public ConfigValues topicWith(Map<String, String> own) {
        return topic(current.broker, "(new)", own);
    }

    private static ConfigValues topic(ConfigValues broker, String name, Map<String, String> own) {
        return broker.with(
                TopicConfigs.DEFINITION,
                ConfigSource.DYNAMIC_TOPIC_CONFIG,
                own,
                bad -> LOG.warn("A stored config of topic {} is passed over: {}", name, bad.getMessage()));
    }

    public ConfigValues group(String id) {
        Current now = current;
        return now.broker.with(
                GroupConfigs.DEFINITION,
                ConfigSource.DYNAMIC_GROUP_CONFIG,
                entries(now.dynamic, ConfigResource.group(id)),
                bad -> LOG.warn("A stored config of a group is passed over: {}", bad.getMessage()));
    }
}
