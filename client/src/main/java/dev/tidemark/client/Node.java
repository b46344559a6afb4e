package dev.tidemark.client;

import org.jspecify.annotations.Nullable;

/// A broker as the cluster names it.
public record Node(int id, String host, int port, @Nullable String rack) {
    public BrokerAddress address() {
        return new BrokerAddress(host, port);
    }

    @Override
    public String toString() {
        return host + ":" + port + " (id " + id + ")";
    }
}
