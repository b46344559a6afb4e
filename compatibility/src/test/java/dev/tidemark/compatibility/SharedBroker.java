package dev.tidemark.compatibility;

import dev.tidemark.bench.broker.ApacheKafka;
import dev.tidemark.bench.broker.BrokerUnderTest;
import dev.tidemark.bench.broker.ProjectRoot;
import dev.tidemark.bench.broker.RunningBroker;
import dev.tidemark.bench.broker.TempFolder;
import dev.tidemark.bench.broker.Tidemark;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/// Gives tests the one broker that all classes share: started for the first, ended after the last. It is Tidemark, or
/// with `-Dcompatibility.broker=kafka` Apache Kafka, against which the tests themselves are proven right.
public final class SharedBroker implements ParameterResolver {
    /// Quick groups; else both products' defaults, as far as one broker allows.
    private static final Map<String, String> SETTINGS = Map.of(
            "offsets.topic.replication.factor", "1",
            "offsets.topic.num.partitions", "4",
            "transaction.state.log.replication.factor", "1",
            "transaction.state.log.min.isr", "1",
            "group.initial.rebalance.delay.ms", "0",
            "group.consumer.min.heartbeat.interval.ms", "500",
            "group.consumer.heartbeat.interval.ms", "500");

    private static final ExtensionContext.Namespace NAMESPACE = ExtensionContext.Namespace.create(SharedBroker.class);

    /// A broker and its folder, which end together.
    public record Started(RunningBroker broker, TempFolder folder) implements AutoCloseable {
        @Override
        public void close() throws IOException {
            broker.close();
            Path kept = ProjectRoot.find().resolve("compatibility/target/broker-" + broker.pid() + ".log");
            Files.copy(broker.node().output(), kept, StandardCopyOption.REPLACE_EXISTING);
            folder.close();
        }
    }

    public static BrokerUnderTest product() throws IOException, InterruptedException {
        String name = System.getProperty("compatibility.broker", "tidemark");
        return switch (name) {
            case "tidemark" -> Tidemark.ofThisTree();
            case "kafka" -> ApacheKafka.version("4.4.0");
            default -> throw new IllegalArgumentException("-Dcompatibility.broker is kafka or tidemark, not " + name);
        };
    }

    /// A broker of the caller's own.
    public static Started start() throws IOException, InterruptedException {
        return start(Map.of());
    }

    /// The same with more settings.
    public static Started start(Map<String, String> more) throws IOException, InterruptedException {
        TempFolder folder = TempFolder.create(null, "tidemark-compatibility-");
        Map<String, String> settings = new TreeMap<>(SETTINGS);
        settings.putAll(more);
        RunningBroker broker = RunningBroker.start(product(), folder.path().resolve("broker"), settings);
        Started started = new Started(broker, folder);
        try {
            broker.awaitFirstAnswer();
            return started;
        } catch (IOException | InterruptedException e) {
            started.close();
            throw e;
        }
    }

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        return parameter.getParameter().getType() == RunningBroker.class;
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
        Started started = context.getRoot()
                .getStore(NAMESPACE)
                .getOrComputeIfAbsent("broker", _ -> startUnchecked(), Started.class);
        return started.broker();
    }

    private static Started startUnchecked() {
        try {
            return start();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }
}
