package dev.tidemark.compatibility.transaction;

import dev.tidemark.bench.broker.JavaHome;
import dev.tidemark.bench.broker.LiveProcesses;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// A process of an application that is started again whenever it ends, as an operator's supervisor would. Owner: the
/// thread that made it; a thread of its own watches.
final class Application implements AutoCloseable {
    private static final long PAUSE_MS = 200;

    private final List<String> command;
    private final Path output;
    private final Thread watch;
    private volatile Process process;
    private volatile boolean closing;
    private int ends;

    private Application(List<String> command, Path output) throws IOException {
        this.command = command;
        this.output = output;
        this.process = launch();
        this.watch = Thread.ofPlatform().daemon().name("supervisor").start(this::supervise);
    }

    /// An application in one file of source.
    static Application ofSource(String classPath, Path source, Path output, String... arguments) throws IOException {
        List<String> command = new ArrayList<>(
                List.of(JavaHome.java(), "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xmx256M", "-cp", classPath));
        command.add(source.toString());
        command.addAll(List.of(arguments));
        return new Application(command, output);
    }

    private Process launch() throws IOException {
        return LiveProcesses.start(new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(output.toFile())));
    }

    private void supervise() {
        try {
            while (!closing) {
                process.waitFor();
                if (closing) return;
                countEnd();
                TimeUnit.MILLISECONDS.sleep(PAUSE_MS);
                process = launch();
                if (closing) process.destroyForcibly();
            }
        } catch (IOException failure) {
            throw new java.io.UncheckedIOException(failure);
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
        }
    }

    private synchronized void countEnd() {
        ends++;
    }

    /// How often the process has ended, by whatever cause.
    synchronized int ends() {
        return ends;
    }

    void kill9() {
        process.destroyForcibly();
    }

    @Override
    public void close() {
        closing = true;
        process.destroyForcibly();
        watch.interrupt();
        try {
            watch.join();
            process.destroyForcibly().waitFor();
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
        }
    }
}
