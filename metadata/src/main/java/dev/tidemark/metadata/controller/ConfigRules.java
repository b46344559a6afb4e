package dev.tidemark.metadata.controller;

import dev.tidemark.metadata.image.ConfigResource;
import java.util.Optional;
import java.util.SortedMap;

/// What the controller has to know of configs, whose definitions live elsewhere. Pure.
public interface ConfigRules {
    /// Whether these may become the configs of `resource`, all of them together.
    ///
    /// @return why not, in words for the caller; empty where they may
    Optional<String> refusal(ConfigResource resource, SortedMap<String, String> entries);

    /// Whether the key holds a comma-separated list, which can be appended to.
    boolean isList(ConfigResource.Type type, String key);

    /// What the key stands at where nobody has set it; empty where there is no such thing.
    Optional<String> defaultValue(ConfigResource.Type type, String key);

    /// Takes everything.
    ConfigRules ANYTHING = new ConfigRules() {
        @Override
        public Optional<String> refusal(ConfigResource resource, SortedMap<String, String> entries) {
            return Optional.empty();
        }

        @Override
        public boolean isList(ConfigResource.Type type, String key) {
            return key.equals("cleanup.policy");
        }

        @Override
        public Optional<String> defaultValue(ConfigResource.Type type, String key) {
            return Optional.empty();
        }
    };
}
