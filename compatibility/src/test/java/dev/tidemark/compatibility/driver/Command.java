package dev.tidemark.compatibility.driver;

import dev.tidemark.bench.broker.LiveProcesses;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// A command that runs to its end.
public final class Command {
    private static final long LIMIT_SECONDS = 180;

    private Command() {}

    public record Result(int exitCode, String output, String errors) {}

    public static Result run(List<String> command, String input) throws IOException, InterruptedException {
        Path in = Files.createTempFile("command", ".in");
        Path out = Files.createTempFile("command", ".out");
        Path err = Files.createTempFile("command", ".err");
        try {
            Files.writeString(in, input);
            int exitCode = run(
                    new ProcessBuilder(command)
                            .redirectInput(in.toFile())
                            .redirectOutput(out.toFile())
                            .redirectError(err.toFile()),
                    LIMIT_SECONDS);
            return new Result(exitCode, text(out), text(err));
        } finally {
            for (Path file : List.of(in, out, err)) Files.delete(file);
        }
    }

    /// With both outputs in one file.
    public static int run(List<String> command, File output, long limitSeconds)
            throws IOException, InterruptedException {
        return run(new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output), limitSeconds);
    }

    /// Runs until a line that contains `wanted` is printed, and ends it then.
    ///
    /// @return what was printed on both outputs
    public static String runUntil(List<String> command, String wanted) throws IOException, InterruptedException {
        Path out = Files.createTempFile("command", ".out");
        Process process = LiveProcesses.start(
                new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(out.toFile()));
        try {
            long endNs = System.nanoTime() + TimeUnit.SECONDS.toNanos(LIMIT_SECONDS);
            while (!text(out).contains(wanted)) {
                if (process.waitFor(100, TimeUnit.MILLISECONDS) || System.nanoTime() > endNs)
                    throw new IOException("did not print '" + wanted + "' but\n" + text(out));
            }
            return text(out);
        } finally {
            process.destroyForcibly().waitFor();
            Files.delete(out);
        }
    }

    private static int run(ProcessBuilder builder, long limitSeconds) throws IOException, InterruptedException {
        Process process = LiveProcesses.start(builder);
        if (!process.waitFor(limitSeconds, TimeUnit.SECONDS)) {
            process.destroyForcibly();
            throw new IOException("did not end within " + limitSeconds + " s: " + builder.command());
        }
        return process.exitValue();
    }

    private static String text(Path file) throws IOException {
        return new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
    }
}
