package dev.tidemark.base.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ConfigFileTest {
    @Test
    void javasPropertiesAreRead(@TempDir Path folder) throws IOException {
        Path file = folder.resolve("server.properties");
        Files.writeString(file, """
                # a remark
                ! another
                node.id=1
                log.dirs : /a,\\
                   /b
                broker.rack  küche
                """);

        assertThat(ConfigFile.read(file))
                .containsExactlyInAnyOrderEntriesOf(
                        Map.of("node.id", "1", "log.dirs", "/a,/b", "broker.rack", "küche"));
    }

    @Test
    void whatCannotBeReadIsSaid(@TempDir Path folder) throws IOException {
        Path file = folder.resolve("bad.properties");
        Files.writeString(file, "a=\\u12");

        assertThatThrownBy(() -> ConfigFile.read(file))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("Cannot read " + file);
        assertThatThrownBy(() -> ConfigFile.read(folder.resolve("none")))
                .hasMessage("There is no file " + folder.resolve("none") + ".");
    }

    @Test
    void overridesCountMore() {
        assertThat(ConfigFile.override(Map.of("a", "1", "b", "2"), List.of("a=x=y", "c=", "a=z")))
                .isEqualTo(Map.of("a", "z", "b", "2", "c", ""));
        assertThatThrownBy(() -> ConfigFile.override(Map.of(), List.of("novalue")))
                .hasMessage("Invalid override 'novalue': it must be key=value.");
    }
}
