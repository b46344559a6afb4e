package dev.tidemark.protocol.codec;

/// Bytes that are not what their schema says. The text is for a person and holds nothing that came from the wire but
/// numbers. Has no stack trace: it tells of the sender's mistake, not of ours.
public final class MalformedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public MalformedException(String message) {
        super(message, null, false, false);
    }
}
