package dev.tidemark.zookeeper;

/// How to reach an ensemble.
///
/// @param connect `zookeeper.connect`: host:port pairs, separated by commas, and perhaps a chroot (`/path`), which is
///     made where it is missing
/// @param sessionTimeoutMs `zookeeper.session.timeout.ms`
/// @param connectionTimeoutMs `zookeeper.connection.timeout.ms`: how long the first connection may take
public record ZooKeeperSettings(String connect, int sessionTimeoutMs, int connectionTimeoutMs) {}
