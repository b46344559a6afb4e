package dev.tidemark.metadata.json;

/// A znode's JSON is not what it should be. Never leaves this package: see [Parsed].
final class MalformedJsonException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    MalformedJsonException(String message) {
        super(message, null, false, false);
    }

    @Override
    public String getMessage() {
        return String.valueOf(super.getMessage());
    }
}
