package dev.tidemark.client;

/// A connection could not be made, or ended before the answer came.
public final class DisconnectedException extends ClientException {
    private static final long serialVersionUID = 1L;

    public DisconnectedException(String message) {
        super(message);
    }

    @Override
    public boolean isRetriable() {
        return true;
    }

    @Override
    protected ClientException inThisThread() {
        return new DisconnectedException(String.valueOf(getMessage()));
    }
}
