package dev.tidemark.compatibility.disk;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.base.config.BrokerConfigs;
import dev.tidemark.base.config.ConfigDefinition;
import dev.tidemark.base.config.ConfigException;
import dev.tidemark.base.config.ConfigKey;
import dev.tidemark.base.config.GroupConfigs;
import dev.tidemark.base.config.TopicConfigs;
import dev.tidemark.bench.broker.MavenFolder;
import dev.tidemark.bench.broker.ProjectRoot;
import java.io.IOException;
import java.lang.reflect.Field;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// Our tables of configs have every key of Apache Kafka 4.4.0, with its type, default and importance, and take and
/// refuse the same values. What differs on purpose is listed here.
class ConfigTablesTest {
    /// Needed for KRaft only, or told by the data folder; 4.4 offers streams groups by default.
    private static final Set<String> OTHER_DEFAULT =
            Set.of("node.id", "process.roles", "controller.listener.names", "group.coordinator.rebalance.protocols");
    /// Kafka's validators look into these values; here they have no effect.
    private static final Set<String> OTHER_LIMITS = Set.of(
            "node.id", "controller.quorum.voters", "controller.quorum.bootstrap.servers", "share.auto.offset.reset");
    /// Here they are read at the start only, and nobody is told otherwise.
    private static final Set<String> OTHER_SCOPE = Set.of(
            "listeners", "listener.security.protocol.map", "num.network.threads", "num.recovery.threads.per.data.dir");
    private static final List<String> NUMBERS = List.of(
            "-2147483649",
            "-131073",
            "-131072",
            "-3",
            "-2",
            "-1",
            "0",
            "1",
            "2",
            "3",
            "4",
            "5",
            "9",
            "10",
            "14",
            "17",
            "18",
            "22",
            "23",
            "99",
            "100",
            "1023",
            "1024",
            "1048575",
            "1048576",
            "2147483639",
            "2147483647",
            "2147483648",
            "0.5",
            "1.5",
            "9223372036854775807",
            "x",
            "");

    private static URLClassLoader kafka = new URLClassLoader(new URL[0]);

    @BeforeAll
    static void load() throws Exception {
        Path bench = ProjectRoot.find().resolve("bench");
        Path jars = MavenFolder.resolve(
                bench.resolve("kafka/pom.xml"), bench.resolve("target/kafka-4.4.0"), Map.of("kafka.version", "4.4.0"));
        List<URL> urls = new ArrayList<>();
        try (Stream<Path> all = Files.list(jars)) {
            for (Path jar : all.toList()) urls.add(jar.toUri().toURL());
        }
        kafka = new URLClassLoader(urls.toArray(URL[]::new), ClassLoader.getPlatformClassLoader());
    }

    @AfterAll
    static void close() throws IOException {
        kafka.close();
    }

    @Test
    void brokers() throws Exception {
        compare("org.apache.kafka.server.config.AbstractKafkaConfig", "CONFIG_DEF", BrokerConfigs.DEFINITION);
    }

    @Test
    void topics() throws Exception {
        compare("org.apache.kafka.storage.internals.log.LogConfig", "CONFIG", TopicConfigs.DEFINITION);
    }

    @Test
    void groups() throws Exception {
        compare("org.apache.kafka.coordinator.group.GroupConfig", "CONFIG_DEF", GroupConfigs.DEFINITION);
    }

    @Test
    void whatCanBeChangedWhileBrokersRun() throws Exception {
        Map<?, ?> modes = (Map<?, ?>) kafka.loadClass("org.apache.kafka.server.config.DynamicBrokerConfig")
                .getMethod("dynamicConfigUpdateModes")
                .invoke(null);
        modes.forEach((name, mode) -> assertThat(
                        BrokerConfigs.DEFINITION.get(name.toString()).scope().name())
                .as(name.toString())
                .isEqualTo(
                        OTHER_SCOPE.contains(name)
                                ? "READ_ONLY"
                                : mode.toString().toUpperCase(Locale.ROOT).replace('-', '_')));
    }

    private static void compare(String className, String fieldName, ConfigDefinition ours) throws Exception {
        Field field = kafka.loadClass(className).getDeclaredField(fieldName);
        field.setAccessible(true);
        Object definition = field.get(null);
        Map<?, ?> keys =
                (Map<?, ?>) definition.getClass().getMethod("configKeys").invoke(definition);
        assertThat(keys).isNotEmpty();
        for (Map.Entry<?, ?> entry : keys.entrySet()) {
            String name = entry.getKey().toString();
            assertThat(ours.find(name)).as(name).isPresent();
            compare(entry.getValue(), ours.get(name));
        }
    }

    private static void compare(Object theirs, ConfigKey ours) throws Exception {
        String name = ours.name();
        assertThat(ours.type().name()).as(name).isEqualTo(value(theirs, "type").toString());
        assertThat(ours.importance().name())
                .as(name)
                .isEqualTo(value(theirs, "importance").toString());
        assertThat(ours.internal()).as(name).isEqualTo(value(theirs, "internalConfig"));
        if (!OTHER_DEFAULT.contains(name)) {
            Object theirDefault = value(theirs, "defaultValue");
            assertThat(ours.defaultText()).as(name).isEqualTo(text(theirDefault));
        }
        if (OTHER_LIMITS.contains(name)) return;
        for (String text : NUMBERS) {
            assertThat(isTakenByUs(ours, text)).as(name + "=" + text).isEqualTo(isTakenByThem(theirs, text));
        }
    }

    private static Object value(Object key, String field) throws Exception {
        Object value = key.getClass().getField(field).get(key);
        return value == null ? "null" : value;
    }

    private static @Nullable String text(Object value) {
        if (value.equals("null")) return null;
        if (value instanceof List<?> list)
            return String.join(",", list.stream().map(Object::toString).toList());
        return value instanceof Class<?> type ? type.getName() : value.toString();
    }

    private static boolean isTakenByUs(ConfigKey key, String text) {
        try {
            key.parse(text);
            return true;
        } catch (ConfigException refused) {
            return false;
        }
    }

    /// Parsed and validated as Kafka does it.
    private static boolean isTakenByThem(Object key, String text) throws Exception {
        Class<?> definition = kafka.loadClass("org.apache.kafka.common.config.ConfigDef");
        Class<?> types = kafka.loadClass("org.apache.kafka.common.config.ConfigDef$Type");
        Class<?> validators = kafka.loadClass("org.apache.kafka.common.config.ConfigDef$Validator");
        Object type = value(key, "type");
        if (type.toString().equals("CLASS")) return true; // It loads the class, we do not.
        try {
            Object parsed = definition
                    .getMethod("parseType", String.class, Object.class, types)
                    .invoke(null, "key", text, type);
            Object validator = value(key, "validator");
            if (!validator.equals("null")) {
                validators.getMethod("ensureValid", String.class, Object.class).invoke(validator, "key", parsed);
            }
            return true;
        } catch (java.lang.reflect.InvocationTargetException refused) {
            return false;
        }
    }
}
