package dev.tidemark.zookeeper;

import org.apache.zookeeper.util.ServiceUtils;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What ZooKeeper's server reads from system properties when its classes are loaded.
final class ServerProperties {
    private static final Logger LOG = LoggerFactory.getLogger(ServerProperties.class);

    private ServerProperties() {}

    /// To be called before any class of the server is used.
    static void set() {
        System.setProperty("zookeeper.4lw.commands.whitelist", "");
        System.setProperty("zookeeper.admin.enableServer", "false");
        System.setProperty("zookeeper.jmx.log4j.disable", "true");
        System.setProperty("zookeeper.digest.enabled", "false"); // A check of ZooKeeper's own code, on every write.
        System.setProperty("zookeeper.maxResponseCacheSize", "0");
        System.setProperty("zookeeper.maxGetChildrenResponseCacheSize", "0");
        System.setProperty("zookeeper.nio.numSelectorThreads", "1");
        System.setProperty("zookeeper.nio.numWorkerThreads", "0");
        System.setProperty("zookeeper.nio.shutdownTimeout", "1000");
        ServiceUtils.setSystemExitProcedure(code -> LOG.error("ZooKeeper asks for exit {}: it has stopped", code));
    }

    /// The same for a member of an ensemble: it shall find a new leader within a second, and the way back to the
    /// others as soon as they are there again.
    static void setForEnsemble() {
        set();
        System.setProperty("zookeeper.fastleader.minNotificationInterval", "100");
        System.setProperty("zookeeper.fastleader.maxNotificationInterval", "1000");
        System.setProperty("zookeeper.leaderConnectDelayDuringRetryMs", "20");
        System.setProperty("zookeeper.cnxTimeout", "1000"); // A vote waits for a silent machine no longer.
        System.setProperty("zookeeper.learner.closeSocketAsync", "true");
        System.setProperty("zookeeper.leader.closeSocketAsync", "true");
        System.setProperty("zookeeper.commitProcessor.numWorkerThreads", "0");
        PlainBeanServers.makeRegistry();
        OnDemandTls.install();
    }
}
