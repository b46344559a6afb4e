package dev.tidemark.network;

/// There is no direct memory for a reply. It costs the connection, and nobody else anything.
final class OutOfDirectMemory extends RuntimeException {
    private static final long serialVersionUID = 1L;

    OutOfDirectMemory(OutOfMemoryError cause) {
        super(cause.getMessage(), cause);
    }
}
