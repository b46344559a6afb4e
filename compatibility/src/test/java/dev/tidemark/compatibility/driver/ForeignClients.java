package dev.tidemark.compatibility.driver;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tidemark.bench.broker.JavaHome;
import dev.tidemark.bench.broker.MavenFolder;
import dev.tidemark.bench.broker.ProjectRoot;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// The clients of the table, and how each comes here: the Java ones from Maven Central, kcat and the Python ones as
/// Debian packages, kafkajs from npm.
public final class ForeignClients {
    private static final Path MODULE = ProjectRoot.find().resolve("compatibility");
    private static final Path TARGET = MODULE.resolve("target");
    private static final Path NPM = TARGET.resolve("npm");
    /// They may have to come from mirrors that are slow.
    private static final long INSTALL_LIMIT_SECONDS = 900;
    private static final Path SCRIPTS = TARGET.resolve("test-classes/clients");

    /// Debian's modules belong to Debian's interpreter, not to the first of the PATH.
    private static final String PYTHON = "/usr/bin/python3";

    /// What needs KIP-848 in the client.
    private static final Feature[] CONSUMER_PROTOCOL = {
        Feature.REBALANCE_CONSUMER, Feature.STATIC_MEMBERS_CONSUMER, Feature.MIGRATION
    };

    private static final Set<Feature> ALL = EnumSet.complementOf(EnumSet.of(Feature.GROUPS_READ));

    private ForeignClients() {}

    public static List<ForeignClient> all() throws IOException, InterruptedException {
        Path install = MODULE.resolve("install-clients.sh");
        Files.createDirectories(TARGET);
        int exit = Command.run(
                List.of(install.toString(), NPM.toString()),
                TARGET.resolve("install-clients.log").toFile(),
                INSTALL_LIMIT_SECONDS);
        String hint = exit == 0 ? "" : "; see compatibility/target/install-clients.log";
        return List.of(
                java("4.4.0", ALL),
                java("3.9.1", without(ALL, CONSUMER_PROTOCOL)),
                java(
                        "2.1.1",
                        without(
                                without(ALL, CONSUMER_PROTOCOL),
                                Feature.REBALANCE_COOPERATIVE,
                                Feature.STATIC_MEMBERS)),
                kcat(hint),
                confluent(hint),
                kafkaPython(hint),
                kafkajs(hint));
    }

    private static ForeignClient java(String version, Set<Feature> features) {
        return new ForeignClient("kafka-clients " + version, features, Optional.empty(), (bootstrap, log) -> {
            List<String> command = List.of(
                    JavaHome.java(),
                    "-XX:+UseSerialGC",
                    "-XX:TieredStopAtLevel=1",
                    "-Xmx256M",
                    "-cp",
                    javaClassPath(version),
                    JavaDriver.class.getName(),
                    bootstrap,
                    version);
            return new ProcessDriver(command, Map.of(), log.toFile());
        });
    }

    /// The driver's own classes and Jackson, and nothing of the version that these tests use themselves.
    private static String javaClassPath(String version) {
        try {
            String clients = MavenFolder.classPath(
                    MODULE.resolve("clients/pom.xml"),
                    TARGET.resolve("kafka-clients-" + version),
                    Map.of("kafka.clients.version", version));
            return Stream.of(JavaDriver.class, ObjectMapper.class, JsonFactory.class, JsonProperty.class)
                    .map(ForeignClients::origin)
                    .collect(Collectors.joining(":", "", ":" + clients));
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    private static String origin(Class<?> type) {
        try {
            return Path.of(type.getProtectionDomain()
                            .getCodeSource()
                            .getLocation()
                            .toURI())
                    .toString();
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    private static ForeignClient kcat(String hint) throws IOException, InterruptedException {
        Set<Feature> features = EnumSet.of(
                Feature.RECORDS_NONE,
                Feature.RECORDS_GZIP,
                Feature.RECORDS_SNAPPY,
                Feature.RECORDS_LZ4,
                Feature.RECORDS_ZSTD,
                Feature.HEADERS,
                Feature.ACKS,
                Feature.IDEMPOTENCE,
                Feature.LARGE_RECORDS,
                Feature.AUTO_CREATION,
                Feature.OFFSETS,
                Feature.TIMES,
                Feature.COMMITS,
                Feature.REBALANCE_EAGER,
                Feature.REBALANCE_COOPERATIVE,
                Feature.PATTERNS);
        return new ForeignClient(
                "kcat", features, missing(List.of("kcat", "-V"), hint), (bootstrap, _) -> new KcatDriver(bootstrap));
    }

    private static ForeignClient confluent(String hint) throws IOException, InterruptedException {
        Set<Feature> features = without(without(ALL, CONSUMER_PROTOCOL), Feature.DELETE_RECORDS, Feature.GROUPS);
        features.add(Feature.GROUPS_READ);
        return python("confluent-kafka-python", "confluent.py", "confluent_kafka", features, hint);
    }

    private static ForeignClient kafkaPython(String hint) throws IOException, InterruptedException {
        Set<Feature> features = without(
                without(ALL, CONSUMER_PROTOCOL),
                Feature.IDEMPOTENCE,
                Feature.TRANSACTIONS,
                Feature.DELETE_RECORDS,
                Feature.REBALANCE_COOPERATIVE,
                Feature.STATIC_MEMBERS);
        return python("kafka-python", "kafka_python.py", "kafka, snappy, lz4.frame, zstandard", features, hint);
    }

    private static ForeignClient python(String name, String script, String modules, Set<Feature> features, String hint)
            throws IOException, InterruptedException {
        Optional<String> missing = missing(List.of(PYTHON, "-c", "import " + modules), hint);
        return new ForeignClient(
                name,
                features,
                missing,
                (bootstrap, log) -> new ProcessDriver(
                        List.of(PYTHON, SCRIPTS.resolve(script).toString(), bootstrap), Map.of(), log.toFile()));
    }

    private static ForeignClient kafkajs(String hint) throws IOException, InterruptedException {
        Set<Feature> features = without(
                without(ALL, CONSUMER_PROTOCOL),
                Feature.RECORDS_LZ4,
                Feature.RECORDS_ZSTD,
                Feature.REBALANCE_COOPERATIVE,
                Feature.STATIC_MEMBERS,
                Feature.PATTERNS);
        Path modules = NPM.resolve("node_modules");
        Optional<String> missing = missing(List.of("node", "--version"), hint)
                .or(() -> Files.isDirectory(modules.resolve("kafkajs"))
                        ? Optional.empty()
                        : Optional.of("the npm package kafkajs is missing" + hint));
        return new ForeignClient(
                "kafkajs",
                features,
                missing,
                (bootstrap, log) -> new ProcessDriver(
                        List.of("node", SCRIPTS.resolve("kafkajs.js").toString(), bootstrap),
                        Map.of("NODE_PATH", modules.toString()),
                        log.toFile()));
    }

    private static Optional<String> missing(List<String> command, String hint) throws InterruptedException {
        try {
            Command.Result result = Command.run(command, "");
            if (result.exitCode() == 0) return Optional.empty();
            return Optional.of(String.join(" ", command) + " failed" + hint);
        } catch (IOException e) {
            return Optional.of(e.getMessage() + hint);
        }
    }

    private static Set<Feature> without(Set<Feature> features, Feature... absent) {
        Set<Feature> left = EnumSet.copyOf(features);
        List.of(absent).forEach(left::remove);
        return left;
    }
}
