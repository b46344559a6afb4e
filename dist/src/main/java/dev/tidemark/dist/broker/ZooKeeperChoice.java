package dev.tidemark.dist.broker;

import dev.tidemark.base.config.ConfigException;
import dev.tidemark.base.config.ConfigValues;
import dev.tidemark.zookeeper.Ensemble;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalInt;

/// Which ZooKeeper a broker uses: one of its own, a member of an ensemble that brokers host, or an outside one.
sealed interface ZooKeeperChoice {
    /// Where its data is, and the setting that says so; for the operator.
    String place();

    /// A server for this machine in the broker's process.
    ///
    /// @param port the wanted one; another is taken if it is in use
    record Own(Path dataDir, int port) implements ZooKeeperChoice {
        @Override
        public String place() {
            return "the broker's own, in " + dataDir + " (tidemark.zookeeper.data.dir)";
        }
    }

    /// An ensemble of which this broker may host a member.
    ///
    /// @param memberId empty for the member whose id is the broker's, if there is such a one
    record Hosted(Ensemble ensemble, OptionalInt memberId, Path dataDir, int tickMs, int initLimit, int syncLimit)
            implements ZooKeeperChoice {
        @Override
        public String place() {
            return "the brokers' ensemble " + ensemble.connectString()
                    + " (tidemark.zookeeper.ensemble), its data here in " + dataDir + " (tidemark.zookeeper.data.dir)";
        }
    }

    /// @param connect `zookeeper.connect`
    record Outside(String connect) implements ZooKeeperChoice {
        @Override
        public String place() {
            return connect + " (zookeeper.connect)";
        }
    }

    /// @throws ConfigException with a text for the operator
    static ZooKeeperChoice of(ConfigValues values, Path firstLogDir) {
        boolean isOutside = values.value("zookeeper.connect").isPresent();
        boolean isHosted = values.value("tidemark.zookeeper.ensemble").isPresent();
        if (isOutside && isHosted) {
            throw new ConfigException(
                    "tidemark.zookeeper.ensemble",
                    String.join(",", values.listValue("tidemark.zookeeper.ensemble")),
                    "left out where zookeeper.connect names an outside ensemble");
        }
        if (isOutside) return new Outside(values.stringValue("zookeeper.connect"));
        Path dataDir = values.value("tidemark.zookeeper.data.dir")
                .map(dir -> Path.of(dir.toString()))
                .orElseGet(() -> firstLogDir.resolveSibling(firstLogDir.getFileName() + "-zookeeper"))
                .toAbsolutePath();
        if (!isHosted) return new Own(dataDir, values.intValue("tidemark.zookeeper.port"));
        Ensemble ensemble = ensemble(values.listValue("tidemark.zookeeper.ensemble"));
        return new Hosted(
                ensemble,
                memberId(values, ensemble),
                dataDir,
                values.intValue("tidemark.zookeeper.tick.ms"),
                values.intValue("tidemark.zookeeper.init.limit"),
                values.intValue("tidemark.zookeeper.sync.limit"));
    }

    private static Ensemble ensemble(List<String> entries) {
        try {
            return Ensemble.parse(entries);
        } catch (IllegalArgumentException wrong) {
            throw new ConfigException(
                    "tidemark.zookeeper.ensemble",
                    String.join(",", entries),
                    "a list of id@host:clientPort:peerPort:electionPort (" + wrong.getMessage() + ")");
        }
    }

    private static OptionalInt memberId(ConfigValues values, Ensemble ensemble) {
        int id = values.intValue("tidemark.zookeeper.member.id");
        if (id < 0) return OptionalInt.empty();
        if (ensemble.member(id).isEmpty()) {
            throw new ConfigException(
                    "tidemark.zookeeper.member.id",
                    Integer.toString(id),
                    "one of tidemark.zookeeper.ensemble's: "
                            + ensemble.members().keySet());
        }
        return OptionalInt.of(id);
    }
}
