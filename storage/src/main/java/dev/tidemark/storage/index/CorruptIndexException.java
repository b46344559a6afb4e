package dev.tidemark.storage.index;

import java.io.IOException;

/// An index does not fit its log; it can be rebuilt from there.
public final class CorruptIndexException extends IOException {
    private static final long serialVersionUID = 1L;

    public CorruptIndexException(String message) {
        super(message);
    }
}
