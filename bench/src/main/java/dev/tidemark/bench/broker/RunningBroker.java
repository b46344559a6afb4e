package dev.tidemark.bench.broker;

import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// A broker's process, from its start to its end; it may be killed and started again on the same folder.
/// Owner: the thread that started it.
public final class RunningBroker implements AutoCloseable {
    private static final Duration START_LIMIT = Duration.ofMinutes(3);
    private static final Duration STOP_LIMIT = Duration.ofMinutes(1);

    private final BrokerUnderTest product;
    private final Node node;
    private @Nullable Process process;
    private long startedNs;

    private RunningBroker(BrokerUnderTest product, Node node) {
        this.product = product;
        this.node = node;
    }

    /// Prepares and starts a single broker in `folder`, and returns without waiting for it.
    public static RunningBroker start(BrokerUnderTest product, java.nio.file.Path folder, Map<String, String> settings)
            throws IOException, InterruptedException {
        Node node = Node.single(folder, settings);
        product.prepare(node, List.of(node));
        RunningBroker broker = new RunningBroker(product, node);
        broker.launch();
        return broker;
    }

    /// A broker that is prepared and not started; [#launch] starts it.
    static RunningBroker prepared(BrokerUnderTest product, Node node) {
        return new RunningBroker(product, node);
    }

    /// Starts the process (again) on what the folder holds.
    public void launch() throws IOException {
        ProcessBuilder builder = new ProcessBuilder(product.command(node))
                .redirectErrorStream(true)
                .redirectInput(new java.io.File("/dev/null"))
                .redirectOutput(ProcessBuilder.Redirect.appendTo(node.output().toFile()));
        builder.environment().put("JAVA_HOME", JavaHome.path().toString());
        startedNs = System.nanoTime();
        process = LiveProcesses.start(builder);
    }

    /// Polls until the broker answers ApiVersions and a Metadata that names itself.
    ///
    /// @return time since the process was started
    public Duration awaitFirstAnswer() throws IOException, InterruptedException {
        while (!FirstAnswer.given(node)) {
            failIfEnded();
            if (sinceStart().compareTo(START_LIMIT) > 0) throw failure("gave no answer within " + START_LIMIT);
            TimeUnit.MILLISECONDS.sleep(2);
        }
        return sinceStart();
    }

    public Duration sinceStart() {
        return Duration.ofNanos(System.nanoTime() - startedNs);
    }

    public void failIfEnded() throws IOException {
        if (!process().isAlive())
            throw failure("ended with exit code " + process().exitValue());
    }

    public Node node() {
        return node;
    }

    public String bootstrap() {
        return node.bootstrap();
    }

    public long pid() {
        return process().pid();
    }

    public ProcessUsage usage() throws IOException {
        return ProcessUsage.of(pid());
    }

    /// SIGKILL: nothing is written or closed.
    public void kill9() throws InterruptedException {
        process().destroyForcibly().waitFor();
    }

    /// SIGTERM, and SIGKILL when the process is still there a minute later.
    ///
    /// @return whether it ended by itself
    public boolean stop() throws InterruptedException {
        Process running = process();
        running.destroy();
        boolean ended = running.waitFor(STOP_LIMIT.toSeconds(), TimeUnit.SECONDS);
        if (!ended) kill9();
        return ended;
    }

    /// Ends the process at once. The folder belongs to the caller.
    @Override
    public void close() {
        if (process == null) return;
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
        process.onExit().join();
    }

    public boolean isAlive() {
        return process != null && process.isAlive();
    }

    /// Stops the process where it stands (SIGSTOP); it keeps its sockets.
    public void pause() throws IOException, InterruptedException {
        signal("STOP");
    }

    /// Lets it go on (SIGCONT).
    public void resume() throws IOException, InterruptedException {
        signal("CONT");
    }

    /// SIGTERM, without waiting for the end.
    public void terminate() {
        process().destroy();
    }

    private void signal(String name) throws IOException, InterruptedException {
        int exit = new ProcessBuilder("kill", "-" + name, String.valueOf(pid()))
                .inheritIO()
                .start()
                .waitFor();
        if (exit != 0) throw new IOException("kill -" + name + " " + pid() + " failed");
    }

    /// The last lines that the process printed.
    public String lastOutput() throws IOException {
        List<String> lines = Files.readAllLines(node.output());
        return String.join("\n", lines.subList(Math.max(0, lines.size() - 40), lines.size()));
    }

    private IOException failure(String what) throws IOException {
        return new IOException(product.name() + " " + what + ":\n" + lastOutput());
    }

    private Process process() {
        if (process == null) throw new IllegalStateException("not started");
        return process;
    }
}
