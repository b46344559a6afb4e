package dev.tidemark.dist.cli;

import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The arguments of `tidemark start`.
///
/// @param propertiesFile a `server.properties`; without one, defaults and a data folder of its own
/// @param overrides settings that win over those of the file, in the order given
public record BrokerStart(@Nullable Path propertiesFile, Map<String, String> overrides) {}
