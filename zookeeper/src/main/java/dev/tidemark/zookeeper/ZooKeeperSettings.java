package dev.tidemark.zookeeper;

/// How to reach an ensemble.
///
/// @param connect `zookeeper.connect`: host:port pairs, separated by commas, and perhaps a chroot (`/path`), which is
///     made where it is missing
/// @param sessionTimeoutMs `zookeeper.session.timeout.ms`
/// @param connectionTimeoutMs `zookeeper.connection.timeout.ms`: how long the first connection may take
/// @param firstPreferred whether to try the servers in the order given, as the first is in this process; otherwise they
///     are tried in an order by chance, so that the brokers spread over them
public record ZooKeeperSettings(String connect, int sessionTimeoutMs, int connectionTimeoutMs, boolean firstPreferred) {
    public ZooKeeperSettings(String connect, int sessionTimeoutMs, int connectionTimeoutMs) {
        this(connect, sessionTimeoutMs, connectionTimeoutMs, false);
    }
}
