package dev.tidemark.client;

import java.util.LinkedHashMap;
import java.util.Map;

/// None of the known brokers could be reached.
public final class UnreachableException extends ClientException {
    private static final long serialVersionUID = 1L;

    private final transient Map<BrokerAddress, String> attempts;

    /// @param attempts the reason for each address that was tried
    public UnreachableException(Map<BrokerAddress, String> attempts) {
        super("no broker could be reached: " + attempts);
        this.attempts = new LinkedHashMap<>(attempts);
    }

    /// The reason for each address that was tried, in order.
    public Map<BrokerAddress, String> attempts() {
        return attempts;
    }

    @Override
    public boolean isRetriable() {
        return true;
    }

    @Override
    protected ClientException inThisThread() {
        return new UnreachableException(attempts);
    }
}
