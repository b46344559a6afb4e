package dev.tidemark.client;

import java.util.List;

/// What all clients share.
///
/// @param bootstrapServers brokers to ask first; the cluster names the others
/// @param clientId goes with each request, for the broker's log and quotas
/// @param connectTimeoutMs for one attempt to connect
/// @param requestTimeoutMs for one request; then its connection is given up
/// @param apiTimeoutMs for a whole call with its retries
/// @param retryBackoffMs before the first retry; doubles up to `retryBackoffMaxMs`
/// @param metadataMaxAgeMs after which the cluster is asked again even when nothing went wrong
/// @param responseBytesMax larger responses are refused before memory is taken for them
public record ClientConfig(
        List<BrokerAddress> bootstrapServers,
        String clientId,
        int connectTimeoutMs,
        int requestTimeoutMs,
        int apiTimeoutMs,
        int retryBackoffMs,
        int retryBackoffMaxMs,
        int metadataMaxAgeMs,
        int responseBytesMax) {
    public ClientConfig {
        if (bootstrapServers.isEmpty()) throw new IllegalArgumentException("bootstrapServers is empty");
        bootstrapServers = List.copyOf(bootstrapServers);
    }

    /// The defaults, for a list as `host:port,host:port`.
    public static ClientConfig of(String bootstrapServers) {
        return new ClientConfig(
                BrokerAddress.parseList(bootstrapServers),
                "tidemark",
                10_000,
                30_000,
                60_000,
                100,
                1_000,
                300_000,
                256 << 20);
    }

    public ClientConfig withClientId(String clientId) {
        return new ClientConfig(
                bootstrapServers,
                clientId,
                connectTimeoutMs,
                requestTimeoutMs,
                apiTimeoutMs,
                retryBackoffMs,
                retryBackoffMaxMs,
                metadataMaxAgeMs,
                responseBytesMax);
    }

    /// A call's time bounds those of its requests and connections too.
    public ClientConfig withApiTimeoutMs(int apiTimeoutMs) {
        return new ClientConfig(
                bootstrapServers,
                clientId,
                Math.min(connectTimeoutMs, apiTimeoutMs),
                Math.min(requestTimeoutMs, apiTimeoutMs),
                apiTimeoutMs,
                retryBackoffMs,
                retryBackoffMaxMs,
                metadataMaxAgeMs,
                responseBytesMax);
    }
}
