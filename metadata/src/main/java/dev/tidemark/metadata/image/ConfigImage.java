package dev.tidemark.metadata.image;

import org.jspecify.annotations.Nullable;
import org.pcollections.PSortedMap;
import org.pcollections.TreePMap;

/// The dynamic configs of one resource.
///
/// @param nodeVersion the version of the resource's config znode; -1 where there is none
public record ConfigImage(PSortedMap<String, String> entries, int nodeVersion) {
    public static final int NO_NODE = -1;
    public static final ConfigImage NONE = new ConfigImage(TreePMap.<String, String>empty(), NO_NODE);

    public @Nullable String get(String key) {
        return entries.get(key);
    }

    public boolean exists() {
        return nodeVersion != NO_NODE;
    }
}
