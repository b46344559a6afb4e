package dev.tidemark.broker.core;

import dev.tidemark.base.Uuid;
import dev.tidemark.base.time.Loop;
import dev.tidemark.broker.config.BrokerConfiguration;
import dev.tidemark.broker.config.LogConfigs;
import dev.tidemark.broker.control.ReplicaDirectories;
import dev.tidemark.storage.directory.LogDirectory;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A broker's log directories: opened at the start, closed at the end, looked after in between.
final class LogDirectories implements ReplicaDirectories {
    private static final Logger LOG = LoggerFactory.getLogger(LogDirectories.class);
    private static final String ALL = "*";
    private static final int OPEN_FILES_MIN = 64;
    private static final int OPEN_FILES_MAX = 32_768;

    private final CoreSettings settings;
    private final BrokerWorld world;
    private final BrokerConfiguration configuration;
    private final DirectoryUpkeep upkeep;
    private final CompletableFuture<Void> configured = new CompletableFuture<>();
    private final Runnable onChange;
    private final List<LogDirectory> directories = new CopyOnWriteArrayList<>();

    /// @param onChange runs when a directory has failed, and when it works again
    LogDirectories(
            CoreSettings settings,
            BrokerWorld world,
            BrokerConfiguration configuration,
            DirectoryUpkeep upkeep,
            Runnable onChange) {
        this.settings = settings;
        this.world = world;
        this.configuration = configuration;
        this.upkeep = upkeep;
        this.onChange = onChange;
    }

    @Override
    public List<LogDirectory> all() {
        return directories;
    }

    @Override
    public boolean isCordoned(LogDirectory directory) {
        List<String> cordoned = configuration.broker().listValue("cordoned.log.dirs");
        return cordoned.contains(ALL) || cordoned.stream().anyMatch(path -> isSame(Path.of(path), directory.path()));
    }

    private static boolean isSame(Path one, Path other) {
        return one.toAbsolutePath().normalize().equals(other.toAbsolutePath().normalize());
    }

    DirectoryUpkeep upkeep() {
        return upkeep;
    }

    /// @throws IOException with a text for the operator
    CompletableFuture<Void> open(String clusterId) throws IOException {
        List<CompletableFuture<Void>> loading = new ArrayList<>();
        for (int i = 0; i < settings.logDirs().size(); i++) {
            Path path = settings.logDirs().get(i);
            try {
                loading.add(open(path, clusterId, world.loops().apply(i + 1)));
            } catch (IOException failure) {
                throw new IOException("Cannot use the log directory " + path + ": " + failure.getMessage(), failure);
            }
        }
        return CompletableFuture.allOf(loading.toArray(CompletableFuture[]::new));
    }

    private CompletableFuture<Void> open(Path path, String clusterId, Loop timers) throws IOException {
        LogDirectory.Identity identity =
                new LogDirectory.Identity(clusterId, settings.nodeId(), Uuid.random(world.random()));
        LogDirectory directory =
                LogDirectory.open(options(path), identity, world.disk(), timers, world.diskThreads(), new Reports());
        directories.add(directory);
        upkeep.takeOn(directory, settings.values(), timers);
        // Recovery must know which logs are compacted: what lies behind a gap in any other is damaged
        // and goes.
        CompletableFuture<Void> mayLoad =
                directory.wasCleanlyStopped() ? CompletableFuture.completedFuture(null) : configured;
        return mayLoad.thenCompose(
                _ -> directory.load(topic -> LogConfigs.of(configuration.topic(topic), configuration.broker())));
    }

    /// The configurations of topics are known from now on.
    void onConfigured() {
        configured.complete(null);
    }

    /// Half of what the process may have open is for the logs, the rest for connections; and a file that is open costs
    /// memory, too.
    private int openFilesMax() {
        long each = world.disk().openFilesMax() / 2 / settings.logDirs().size();
        return Math.clamp(each, OPEN_FILES_MIN, OPEN_FILES_MAX);
    }

    private LogDirectory.Options options(Path path) {
        LogDirectory.Options defaults = LogDirectory.Options.of(path);
        return new LogDirectory.Options(
                path,
                settings.values().intValue("num.recovery.threads.per.data.dir"),
                openFilesMax(),
                defaults.writeBackBytes(),
                defaults.writeBackMs(),
                defaults.probeMs());
    }

    boolean wereCleanlyStopped() {
        return directories.stream().allMatch(LogDirectory::wasCleanlyStopped);
    }

    /// Never fails: a directory whose disk does is left as it is.
    ///
    /// @param clean whether the next start may rely on what is in a directory
    CompletableFuture<Void> close(Predicate<LogDirectory> clean) {
        List<CompletableFuture<Void>> closing = new ArrayList<>();
        for (LogDirectory directory : directories) {
            closing.add(directory.close(clean.test(directory)).exceptionally(failure -> {
                LOG.warn("Failed while closing {}: {}", directory.path(), String.valueOf(failure.getCause()));
                return null;
            }));
        }
        return CompletableFuture.allOf(closing.toArray(CompletableFuture[]::new));
    }

    /// Tells the operator of log directories that fail and come back, and makes up for what they missed.
    private final class Reports implements LogDirectory.Listener {
        @Override
        public void onOffline(LogDirectory directory, IOException cause) {
            LOG.error(
                    "The log directory {} is offline: {}. Others lead its partitions until the disk works again.",
                    directory.path(),
                    cause.toString());
            onChange.run();
        }

        @Override
        public void onOnline(LogDirectory directory) {
            LOG.info("The log directory {} works again.", directory.path());
            onChange.run();
        }
    }
}
