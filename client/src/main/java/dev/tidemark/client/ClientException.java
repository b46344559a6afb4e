package dev.tidemark.client;

/// A call to the cluster came to nothing. Its subclasses say why.
public abstract class ClientException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    protected ClientException(String message) {
        super(message);
    }

    /// Whether the same call may succeed when it is made again.
    public abstract boolean isRetriable();

    /// A copy that is thrown in the caller's thread, so that its stack trace leads to the call.
    protected abstract ClientException inThisThread();

    /// The same failure with the stack trace of the caller who waited for it.
    public static ClientException here(ClientException elsewhere) {
        ClientException copy = elsewhere.inThisThread();
        copy.initCause(elsewhere);
        return copy;
    }
}
