package dev.tidemark.dist.cli;

import dev.tidemark.dist.cli.output.Terminal;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/// One run of the command line in this process, and what came of it.
public record CliRun(
        int exitCode, String out, String err, @Nullable BrokerStart started) {
    public static CliRun of(String... arguments) {
        return with("", Map.of("TIDEMARK_BOOTSTRAP", "localhost:1"), arguments);
    }

    public static CliRun with(String input, Map<String, String> environment, String... arguments) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        AtomicReference<@Nullable BrokerStart> started = new AtomicReference<>();
        Terminal terminal = new Terminal(
                new ByteArrayInputStream(input.getBytes(StandardCharsets.UTF_8)),
                new PrintStream(out, true, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8),
                environment,
                Set.of());
        int exitCode = new Cli(terminal, start -> {
                    started.set(start);
                    return 0;
                })
                .run(arguments);
        return new CliRun(
                exitCode, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8), started.get());
    }
}
