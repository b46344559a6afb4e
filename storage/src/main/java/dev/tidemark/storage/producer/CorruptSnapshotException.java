package dev.tidemark.storage.producer;

import java.io.IOException;

/// A producer snapshot is damaged; an older one and the log replace it.
public final class CorruptSnapshotException extends IOException {
    private static final long serialVersionUID = 1L;

    public CorruptSnapshotException(String message) {
        super(message);
    }
}
