package dev.tidemark.dist.broker;

import dev.tidemark.base.config.BrokerConfigs;
import dev.tidemark.base.config.ConfigException;
import dev.tidemark.base.config.ConfigFile;
import dev.tidemark.base.config.ConfigKey;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Runs a broker as this process: reads its settings, starts it, and stops it cleanly on TERM or Ctrl-C.
public final class BrokerProcess {
    private static final Logger LOG = LoggerFactory.getLogger(BrokerProcess.class);
    private static final int OK = 0;
    private static final int FAILED = 1;

    private BrokerProcess() {}

    /// Returns when the broker has stopped, or could not start.
    ///
    /// @param file a `server.properties`; without one sensible defaults count
    /// @param overrides settings that win over the file's
    /// @return the process's exit code
    public static int run(@Nullable Path file, Map<String, String> overrides) {
        long startedNs = System.nanoTime();
        RunningBroker broker;
        try {
            Map<String, String> texts = texts(file, overrides);
            warnOfKeys(texts);
            broker = RunningBroker.start(texts);
        } catch (ConfigException | StartException failure) {
            System.err.println("tidemark: " + failure.getMessage());
            LOG.debug("The start failed", failure);
            return FAILED;
        }
        Runtime.getRuntime().addShutdownHook(new Thread(broker::stop, "tidemark-stop"));
        announce(broker, (System.nanoTime() - startedNs) / 1_000_000);
        try {
            broker.awaitStop();
        } catch (InterruptedException interrupted) {
            broker.stop();
        }
        return OK;
    }

    private static Map<String, String> texts(@Nullable Path file, Map<String, String> overrides) {
        Map<String, String> texts = new TreeMap<>(file == null ? Defaults.withoutFile() : ConfigFile.read(file));
        texts.putAll(overrides);
        return texts;
    }

    private static void warnOfKeys(Map<String, String> texts) {
        StringBuilder withoutEffect = new StringBuilder();
        for (String name : texts.keySet()) {
            Optional<ConfigKey> key = BrokerConfigs.DEFINITION.find(name);
            if (key.isEmpty()) {
                LOG.warn("{}", BrokerConfigs.DEFINITION.unknown(name));
            } else if (!key.get().hasEffect()) {
                withoutEffect.append(withoutEffect.isEmpty() ? "" : ", ").append(name);
            }
        }
        if (!withoutEffect.isEmpty()) LOG.info("Accepted, but without effect here: {}", withoutEffect);
    }

    private static void announce(RunningBroker broker, long tookMs) {
        LOG.info("Data in {}, cluster id {}", broker.logDirs(), broker.clusterId());
        broker.endpoints().forEach(endpoint -> LOG.info("Listening: {}", endpoint));
        // Testcontainers waits for this sentence of Kafka's.
        LOG.info("Ready after {} ms. Transitioning from RECOVERY to RUNNING.", tookMs);
    }
}
