package dev.tidemark.metadata.controller;

import dev.tidemark.metadata.image.ConfigResource;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Changes of one resource's dynamic configs.
///
/// @param replaceAll whether every config that `entries` does not set is to be removed (AlterConfigs, as opposed to
///     IncrementalAlterConfigs)
public record ConfigAlteration(ConfigResource resource, boolean replaceAll, List<Entry> entries) {
    /// With the ids of the wire protocol.
    public enum Operation {
        SET(0),
        DELETE(1),
        APPEND(2),
        SUBTRACT(3);

        private final int id;

        Operation(int id) {
            this.id = id;
        }

        public int id() {
            return id;
        }

        public static java.util.Optional<Operation> forId(int id) {
            for (Operation operation : values()) if (operation.id == id) return java.util.Optional.of(operation);
            return java.util.Optional.empty();
        }
    }

    public record Entry(
            String key, Operation operation, @Nullable String value) {}
}
