package dev.tidemark.storage.segment;

import java.io.IOException;
import java.nio.file.Path;

/// A log file holds bytes that are no batch where one should be.
public final class CorruptLogException extends IOException {
    private static final long serialVersionUID = 1L;

    public CorruptLogException(String message) {
        super(message);
    }

    CorruptLogException(Path file, BatchCursor stoppedAt) {
        this(file + " is damaged at position " + stoppedAt.position() + ": " + stoppedAt.problem());
    }
}
