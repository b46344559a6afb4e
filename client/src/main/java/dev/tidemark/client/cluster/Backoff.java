package dev.tidemark.client.cluster;

import dev.tidemark.client.ClientConfig;
import java.util.concurrent.ThreadLocalRandom;

/// How long to wait before a retry: doubles up to a bound, a fifth more or less, so that many clients do not come back
/// together.
public record Backoff(int initialMs, int maxMs) {
    public static Backoff of(ClientConfig config) {
        return new Backoff(config.retryBackoffMs(), config.retryBackoffMaxMs());
    }

    /// @param failures how often it failed so far, 1 at the first retry
    public long delayMs(int failures) {
        double exact = Math.min(maxMs, initialMs * Math.pow(2, Math.min(failures - 1, 30)));
        return Math.round(exact * (0.8 + 0.4 * ThreadLocalRandom.current().nextDouble()));
    }
}
