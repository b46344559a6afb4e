package dev.tidemark.client;

import dev.tidemark.protocol.ErrorCode;

/// A broker answered with an error.
public final class BrokerErrorException extends ClientException {
    private static final long serialVersionUID = 1L;

    private final ErrorCode error;

    public BrokerErrorException(ErrorCode error, String message) {
        super(message);
        this.error = error;
    }

    public static BrokerErrorException of(ErrorCode error) {
        return new BrokerErrorException(error, error.defaultMessage());
    }

    public ErrorCode error() {
        return error;
    }

    @Override
    public boolean isRetriable() {
        return error.isRetriable();
    }

    @Override
    protected ClientException inThisThread() {
        return new BrokerErrorException(error, String.valueOf(getMessage()));
    }
}
