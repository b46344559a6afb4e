package dev.tidemark.client;

/// The time for a call, a delivery or a wait for memory is over.
public final class TimedOutException extends ClientException {
    private static final long serialVersionUID = 1L;

    public TimedOutException(String message) {
        super(message);
    }

    @Override
    public boolean isRetriable() {
        return true;
    }

    @Override
    protected ClientException inThisThread() {
        return new TimedOutException(String.valueOf(getMessage()));
    }
}
