package dev.tidemark.network;

import java.util.Objects;

/// An address to listen on.
///
/// @param name the listener's name in `listeners`, such as `PLAINTEXT`
/// @param host a host name or address; empty for every address of the machine
/// @param port 0 lets the system choose; [NettyServer#boundPorts] tells the choice
/// @param connectionsMax `listener.name.X.max.connections`
/// @param connectionCreationRateMax `listener.name.X.max.connection.creation.rate`, in connections per second
public record Listener(String name, String host, int port, int connectionsMax, int connectionCreationRateMax) {
    public Listener {
        Objects.requireNonNull(name);
        Objects.requireNonNull(host);
        if (port < 0 || port > 65_535) throw new IllegalArgumentException("not a port: " + port);
        if (connectionsMax < 0) throw new IllegalArgumentException("connectionsMax is negative: " + connectionsMax);
        if (connectionCreationRateMax < 1)
            throw new IllegalArgumentException("connectionCreationRateMax is below 1: " + connectionCreationRateMax);
    }

    /// A listener without limits of its own.
    public Listener(String name, String host, int port) {
        this(name, host, port, Integer.MAX_VALUE, Integer.MAX_VALUE);
    }
}
