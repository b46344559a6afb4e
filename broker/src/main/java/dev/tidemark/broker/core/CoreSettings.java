package dev.tidemark.broker.core;

import dev.tidemark.base.config.BrokerConfigs;
import dev.tidemark.base.config.ConfigException;
import dev.tidemark.base.config.ConfigSource;
import dev.tidemark.base.config.ConfigValues;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/// What a broker behind the network is started with.
///
/// @param texts every key of `server.properties` that was set
/// @param values the same, typed, over the defaults
public record CoreSettings(int nodeId, Map<String, String> texts, ConfigValues values, List<Path> logDirs) {

    /// @throws ConfigException with a text for the operator
    public static CoreSettings of(int nodeId, Map<String, String> texts) {
        ConfigValues values = values(texts);
        return new CoreSettings(nodeId, Map.copyOf(texts), values, logDirs(values));
    }

    /// @throws ConfigException with a text for the operator
    public static ConfigValues values(Map<String, String> texts) {
        ConfigValues values = ConfigValues.of(
                BrokerConfigs.DEFINITION, List.of(new ConfigValues.Layer(ConfigSource.STATIC_BROKER_CONFIG, texts)));
        BrokerConfigs.check(values);
        return values;
    }

    /// `log.dirs`, else `log.dir`.
    public static List<Path> logDirs(ConfigValues values) {
        List<String> names =
                values.value("log.dirs").isPresent() ? values.listValue("log.dirs") : values.listValue("log.dir");
        return names.stream()
                .map(name -> Path.of(name).toAbsolutePath().normalize())
                .toList();
    }
}
