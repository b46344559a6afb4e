package dev.tidemark.compatibility.badinput;

import dev.tidemark.bench.broker.RunningBroker;
import dev.tidemark.bench.broker.TempFolder;
import dev.tidemark.compatibility.SharedBroker;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.function.BooleanSupplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/// The broker under attack, a [Neighbour] on it, and what it used before. After each test, [#assertUnharmed].
final class Victim implements AutoCloseable {
    private static final Map<String, String> SETTINGS = Map.ofEntries(
            Map.entry("offsets.topic.replication.factor", "1"),
            Map.entry("offsets.topic.num.partitions", "4"),
            Map.entry("transaction.state.log.replication.factor", "1"),
            Map.entry("transaction.state.log.min.isr", "1"),
            Map.entry("group.initial.rebalance.delay.ms", "0"),
            Map.entry("connections.max.idle.ms", "8000"),
            Map.entry("max.connections.per.ip", "400"),
            Map.entry("group.max.size", "50"));

    /// Files and threads that come and go: a group's, a roll's, the JVM's own.
    private static final int SLACK = 24;

    private static final long RESIDENT_BYTES_MAX = 900L << 20;
    private static final Duration LATENCY_MAX = Duration.ofSeconds(5);
    private static final long SETTLE_NS = 60_000_000_000L;

    private final TempFolder folder;
    private final RunningBroker broker;
    private final Neighbour neighbour;
    private final int filesBefore;
    private final int threadsBefore;
    private int linesSeen;

    private Victim() throws IOException, InterruptedException, ExecutionException {
        folder = TempFolder.create(null, "tidemark-bad-input-");
        broker = RunningBroker.start(SharedBroker.product(), folder.path().resolve("broker"), SETTINGS);
        broker.awaitFirstAnswer();
        neighbour = new Neighbour(broker.bootstrap());
        neighbour.proceed();
        filesBefore = count("fd");
        threadsBefore = count("task");
    }

    /// Gives all classes of this package the same victim.
    static final class Shared implements ParameterResolver, AfterEachCallback {
        private static final ExtensionContext.Namespace NAMESPACE = ExtensionContext.Namespace.create(Victim.class);

        @Override
        public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
            return parameter.getParameter().getType() == Victim.class;
        }

        @Override
        public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
            return victim(context);
        }

        @Override
        public void afterEach(ExtensionContext context) throws Exception {
            victim(context).assertUnharmed();
        }

        private static Victim victim(ExtensionContext context) {
            return context.getRoot()
                    .getStore(NAMESPACE)
                    .getOrComputeIfAbsent("victim", _ -> startUnchecked(), Victim.class);
        }

        private static Victim startUnchecked() {
            try {
                return new Victim();
            } catch (IOException | InterruptedException | ExecutionException failure) {
                throw new IllegalStateException(failure);
            }
        }
    }

    InetSocketAddress endpoint() {
        String[] parts = broker.bootstrap().split(":", 2);
        return new InetSocketAddress(parts[0], Integer.parseInt(parts[1]));
    }

    RawClient connect() throws IOException {
        return new RawClient(endpoint());
    }

    Admin admin() {
        return neighbour.admin();
    }

    String bootstrap() {
        return broker.bootstrap();
    }

    /// The broker's log lines that name the address of `client`.
    List<String> linesAbout(RawClient client) throws IOException {
        return Files.readAllLines(broker.node().output()).stream()
                .filter(line -> line.matches(".*\\b" + client.address().replace(".", "\\.") + ":.*"))
                .toList();
    }

    /// The largest number of log lines that name one of `addresses`.
    long mostLinesOfOne(Set<String> addresses) throws IOException {
        Pattern peer = Pattern.compile("\\b(127\\.\\d+\\.\\d+\\.\\d+):\\d+");
        Map<String, Long> lines = Files.readAllLines(broker.node().output()).stream()
                .map(peer::matcher)
                .filter(Matcher::find)
                .map(found -> found.group(1))
                .filter(addresses::contains)
                .collect(Collectors.groupingBy(address -> address, Collectors.counting()));
        return lines.values().stream().mapToLong(Long::longValue).max().orElse(0);
    }

    private List<String> newLines() throws IOException {
        List<String> all = Files.readAllLines(broker.node().output());
        List<String> fresh = all.subList(Math.min(linesSeen, all.size()), all.size());
        linesSeen = all.size();
        return fresh;
    }

    long residentBytes() throws IOException {
        return broker.usage().residentBytes();
    }

    private int count(String what) throws IOException {
        try (Stream<Path> entries = Files.list(Path.of("/proc", String.valueOf(broker.pid()), what))) {
            return (int) entries.count();
        }
    }

    /// The neighbour goes on in good time with its data whole, files and threads are back where they were, and the log
    /// shows no error and no stack trace.
    void assertUnharmed() throws IOException, InterruptedException {
        assertUnharmed(0);
    }

    /// As long as `connections` are open that should be.
    void assertUnharmed(int connections) throws IOException, InterruptedException {
        broker.failIfEnded();
        Duration latency = neighbour.proceed();
        if (latency.compareTo(LATENCY_MAX) > 0) throw new AssertionError("a good record waited for " + latency);
        await("open files go back to " + filesBefore, () -> countUnchecked("fd") <= filesBefore + SLACK + connections);
        await("threads go back to " + threadsBefore, () -> countUnchecked("task") <= threadsBefore + SLACK);
        if (residentBytes() > RESIDENT_BYTES_MAX)
            throw new AssertionError((residentBytes() >> 20) + " MiB are resident");
        List<String> bad = newLines().stream()
                .filter(line -> line.startsWith("\tat ") || line.contains(" ERROR ") || line.contains("Exception:"))
                .toList();
        if (!bad.isEmpty()) throw new AssertionError("the log shows:\n" + String.join("\n", bad));
    }

    /// Checks the neighbour's data from the beginning.
    void assertDataIsWhole() {
        neighbour.readAgain(broker.bootstrap());
    }

    private int countUnchecked(String what) {
        try {
            return count(what);
        } catch (IOException failure) {
            throw new java.io.UncheckedIOException(failure);
        }
    }

    static void await(String what, BooleanSupplier condition) throws InterruptedException {
        long untilNs = System.nanoTime() + SETTLE_NS;
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > untilNs) throw new AssertionError("never: " + what);
            Thread.sleep(20);
        }
    }

    @Override
    public void close() throws IOException {
        neighbour.close();
        broker.close();
        folder.close();
    }
}
