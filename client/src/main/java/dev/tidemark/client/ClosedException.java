package dev.tidemark.client;

/// The client was closed.
public final class ClosedException extends ClientException {
    private static final long serialVersionUID = 1L;

    public ClosedException(String message) {
        super(message);
    }

    @Override
    public boolean isRetriable() {
        return false;
    }

    @Override
    protected ClientException inThisThread() {
        return new ClosedException(String.valueOf(getMessage()));
    }
}
