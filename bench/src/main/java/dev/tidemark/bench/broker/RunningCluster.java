package dev.tidemark.bench.broker;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.IntFunction;
import java.util.stream.Collectors;

/// The processes of a cluster, each of which may be killed, paused and started again. Owner: the thread that started
/// it.
public final class RunningCluster implements AutoCloseable {
    private static final Duration LIMIT = Duration.ofMinutes(2);

    private final List<RunningBroker> brokers;
    private long startedNs = System.nanoTime();

    private RunningCluster(List<RunningBroker> brokers) {
        this.brokers = brokers;
    }

    /// Prepares `count` brokers with the ids from 1 on, starts them all, and returns without waiting for them.
    public static RunningCluster start(BrokerUnderTest product, Path folder, int count, Map<String, String> settings)
            throws IOException, InterruptedException {
        return start(product, Node.cluster(folder, count, _ -> settings));
    }

    /// The same with settings for each node, by its id.
    public static RunningCluster start(
            BrokerUnderTest product, Path folder, int count, IntFunction<Map<String, String>> settings)
            throws IOException, InterruptedException {
        return start(product, Node.cluster(folder, count, settings));
    }

    public static RunningCluster start(BrokerUnderTest product, List<Node> nodes)
            throws IOException, InterruptedException {
        for (Node node : nodes) product.prepare(node, nodes);
        RunningCluster cluster = new RunningCluster(nodes.stream()
                .map(node -> RunningBroker.prepared(product, node))
                .toList());
        cluster.launchAll();
        return cluster;
    }

    public void launchAll() throws IOException {
        startedNs = System.nanoTime();
        for (RunningBroker broker : brokers) broker.launch();
    }

    /// Polls until every broker answers and names all the others.
    ///
    /// @return time since the first process was started
    public Duration awaitWhole() throws IOException, InterruptedException {
        for (RunningBroker broker : brokers) broker.awaitFirstAnswer();
        for (RunningBroker broker : brokers) {
            while (FirstAnswer.brokersNamed(broker.node()) < brokers.size()) {
                broker.failIfEnded();
                if (System.nanoTime() - startedNs > LIMIT.toNanos()) {
                    throw new IOException(
                            "broker " + broker.node().id() + " does not know all others:\n" + broker.lastOutput());
                }
                TimeUnit.MILLISECONDS.sleep(5);
            }
        }
        return Duration.ofNanos(System.nanoTime() - startedNs);
    }

    public List<RunningBroker> brokers() {
        return brokers;
    }

    /// @param id from 1 on
    public RunningBroker broker(int id) {
        return brokers.get(id - 1);
    }

    public String bootstrap() {
        return brokers.stream().map(RunningBroker::bootstrap).collect(Collectors.joining(","));
    }

    /// CPU seconds of all brokers together, since they were started.
    public double cpuSeconds() throws IOException {
        double sum = 0;
        for (RunningBroker broker : brokers) sum += broker.usage().cpuSeconds();
        return sum;
    }

    public long residentBytes() throws IOException {
        long sum = 0;
        for (RunningBroker broker : brokers) sum += broker.usage().residentBytes();
        return sum;
    }

    /// SIGTERM to all, and waits for them.
    public void stop() throws InterruptedException {
        brokers.stream().filter(RunningBroker::isAlive).forEach(RunningBroker::terminate);
        for (RunningBroker broker : brokers) broker.stop();
    }

    /// Ends all processes at once.
    @Override
    public void close() {
        brokers.forEach(RunningBroker::close);
    }
}
