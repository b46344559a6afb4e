package dev.tidemark.network;

import java.util.Map;

/// How many connections there may be. All of it can change while the server runs: [NettyServer#limitConnections].
///
/// @param connectionsMax `max.connections`: above it nobody is accepted until somebody leaves
/// @param connectionsPerIpMax `max.connections.per.ip`: above it a new connection is closed at once
/// @param perIpOverrides `max.connections.per.ip.overrides`, by address in its textual form
/// @param creationRateMax `max.connection.creation.rate` in connections per second: above it accepting waits
public record ConnectionLimits(
        int connectionsMax, int connectionsPerIpMax, Map<String, Integer> perIpOverrides, int creationRateMax) {
    public static final ConnectionLimits NONE =
            new ConnectionLimits(Integer.MAX_VALUE, Integer.MAX_VALUE, Map.of(), Integer.MAX_VALUE);

    public ConnectionLimits {
        perIpOverrides = Map.copyOf(perIpOverrides);
        if (connectionsMax < 0) throw new IllegalArgumentException("connectionsMax is negative: " + connectionsMax);
        if (connectionsPerIpMax < 0)
            throw new IllegalArgumentException("connectionsPerIpMax is negative: " + connectionsPerIpMax);
        if (creationRateMax < 1) throw new IllegalArgumentException("creationRateMax is below 1: " + creationRateMax);
    }

    int perIpMax(String address) {
        return perIpOverrides.getOrDefault(address, connectionsPerIpMax);
    }
}
