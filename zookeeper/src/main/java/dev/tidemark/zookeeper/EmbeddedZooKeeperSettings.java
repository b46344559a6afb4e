package dev.tidemark.zookeeper;

import java.nio.file.Path;

/// @param dataDir where snapshots and transaction logs lie; made where it is missing
/// @param port on the loopback interface; 0 for any that is free
/// @param sessionTimeoutMaxMs the longest session timeout that clients get
public record EmbeddedZooKeeperSettings(Path dataDir, int port, int sessionTimeoutMaxMs) {}
