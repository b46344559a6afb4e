package dev.tidemark.metadata.image;

import java.util.List;

/// The changes that lead from one image to the next, in order.
public record MetadataDelta(List<MetadataChange> changes) {
    public static final MetadataDelta EMPTY = new MetadataDelta(List.of());

    public static MetadataDelta of(MetadataChange... changes) {
        return new MetadataDelta(List.of(changes));
    }

    public boolean isEmpty() {
        return changes.isEmpty();
    }
}
