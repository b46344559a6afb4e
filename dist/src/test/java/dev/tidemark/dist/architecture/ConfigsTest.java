package dev.tidemark.dist.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.base.config.BrokerConfigs;
import dev.tidemark.base.config.ConfigDefinition;
import dev.tidemark.base.config.ConfigKey;
import dev.tidemark.base.config.GroupConfigs;
import dev.tidemark.base.config.TopicConfigs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// What DescribeConfigs says of a key's effect is true: one that is said to have an effect is read somewhere.
class ConfigsTest {
    private static final List<String> MODULES =
            List.of("broker", "coordinator", "dist", "metadata", "network", "storage", "zookeeper");
    /// [GroupConfigs#check] puts their names together.
    private static final Set<String> COMPOSED = Set.of(
            "group.consumer.min.heartbeat.interval.ms",
            "group.consumer.max.heartbeat.interval.ms",
            "group.consumer.min.session.timeout.ms",
            "group.consumer.max.session.timeout.ms");

    @Test
    void whatIsSaidToHaveAnEffectIsRead() throws IOException {
        String sources = sources();
        Set<String> unread = new TreeSet<>();
        Set<String> throughTwins = new TreeSet<>(COMPOSED);
        for (ConfigDefinition definition : List.of(TopicConfigs.DEFINITION, GroupConfigs.DEFINITION)) {
            for (ConfigKey key : definition.keys()) {
                if (!key.hasEffect()) continue;
                if (!isRead(key, sources)) unread.add(key.name());
                key.twins().forEach(twin -> throughTwins.add(twin.name()));
            }
        }
        for (ConfigKey key : BrokerConfigs.DEFINITION.keys()) {
            if (key.hasEffect() && !throughTwins.contains(key.name()) && !isRead(key, sources)) unread.add(key.name());
        }
        assertThat(unread).isEmpty();
    }

    @Test
    void whatIsSaidToHaveNoneIsNotRead() throws IOException {
        String sources = sources();
        assertThat(BrokerConfigs.DEFINITION.keys().stream()
                        .filter(key -> !key.hasEffect() && isRead(key, sources))
                        .map(ConfigKey::name))
                // A file for KRaft names its listeners: those of controllers are not opened.
                .containsExactly("controller.listener.names");
    }

    private static boolean isRead(ConfigKey key, String sources) {
        return sources.contains('"' + key.name() + '"');
    }

    private static String sources() throws IOException {
        StringBuilder all = new StringBuilder();
        for (String module : MODULES) {
            try (Stream<Path> files = Files.walk(Path.of("..", module, "src/main/java"))) {
                for (Path file : files.filter(Files::isRegularFile).toList()) all.append(Files.readString(file));
            }
        }
        return all.toString();
    }
}
