package dev.tidemark.metadata.image;

import java.util.SortedMap;
import org.pcollections.PSortedMap;
import org.pcollections.TreePMap;

/// The dynamic configs of all resources that have any.
public record ConfigsImage(PSortedMap<ConfigResource, ConfigImage> byResource) {
    public static final ConfigsImage EMPTY = new ConfigsImage(TreePMap.<ConfigResource, ConfigImage>empty());

    /// Empty where the resource has no configs of its own.
    public ConfigImage of(ConfigResource resource) {
        ConfigImage config = byResource.get(resource);
        return config == null ? ConfigImage.NONE : config;
    }

    public SortedMap<String, String> topic(String name) {
        return of(ConfigResource.topic(name)).entries();
    }

    ConfigsImage with(ConfigResource resource, ConfigImage config) {
        return new ConfigsImage(config.exists() ? byResource.plus(resource, config) : byResource.minus(resource));
    }
}
