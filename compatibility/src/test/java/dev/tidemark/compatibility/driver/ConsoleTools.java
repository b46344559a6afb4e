package dev.tidemark.compatibility.driver;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.bench.broker.JavaHome;
import dev.tidemark.bench.broker.MavenFolder;
import dev.tidemark.bench.broker.ProjectRoot;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// Apache Kafka's console tools, each run in a process of its own, as its shell script would.
public final class ConsoleTools {
    private static final String VERSION = "4.3.1";

    private final String bootstrap;
    private final String classPath;

    public ConsoleTools(String bootstrap) throws IOException, InterruptedException {
        this.bootstrap = bootstrap;
        Path module = ProjectRoot.find().resolve("compatibility");
        this.classPath = MavenFolder.classPath(
                module.resolve("tools/pom.xml"),
                module.resolve("target/kafka-tools-" + VERSION),
                Map.of("kafka.tools.version", VERSION));
    }

    /// Runs the tool against the broker under test and expects that it ends well.
    ///
    /// @param className within `org.apache.kafka.tools`, or in full
    /// @return what it printed on standard output
    public String run(String className, String... arguments) throws IOException, InterruptedException {
        return runWithInput("", className, arguments);
    }

    public String runWithInput(String input, String className, String... arguments)
            throws IOException, InterruptedException {
        List<String> full = new ArrayList<>(List.of("--bootstrap-server", bootstrap));
        full.addAll(List.of(arguments));
        return runAlone(input, className, full);
    }

    /// For a tool that takes no `--bootstrap-server`.
    public String runAlone(String input, String className, List<String> arguments)
            throws IOException, InterruptedException {
        Command.Result result = Command.run(command(className, arguments), input);
        assertThat(result.exitCode())
                .as(() -> className + " " + arguments + " printed\n" + result.output() + result.errors())
                .isZero();
        return result.output();
    }

    /// Expects that the tool ends with an error.
    ///
    /// @return what it printed
    public String fails(String className, List<String> arguments) throws IOException, InterruptedException {
        Command.Result result = Command.run(command(className, arguments), "");
        String printed = result.output() + result.errors();
        assertThat(result.exitCode())
                .as(() -> className + " " + arguments + " printed\n" + printed)
                .isNotZero();
        return printed;
    }

    /// For a tool that never ends: lets it run until it prints a line that contains `wanted`.
    ///
    /// @return what it printed until then
    public String runUntil(String wanted, String className, List<String> arguments)
            throws IOException, InterruptedException {
        return Command.runUntil(command(className, arguments), wanted);
    }

    private List<String> command(String className, List<String> arguments) {
        String main = className.startsWith("kafka.") ? className : "org.apache.kafka.tools." + className;
        List<String> command = new ArrayList<>(List.of(
                JavaHome.java(),
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-Xshare:auto",
                "-Xmx256M",
                "-cp",
                classPath,
                main));
        command.addAll(arguments);
        return command;
    }
}
