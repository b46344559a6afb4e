package dev.tidemark.simulator.client;

import dev.tidemark.base.time.Loop;
import dev.tidemark.protocol.message.Request;
import dev.tidemark.protocol.message.Response;
import dev.tidemark.simulator.cluster.SimulatedCluster;
import dev.tidemark.simulator.network.Machine;
import dev.tidemark.simulator.network.RequestChannel;
import dev.tidemark.simulator.network.RequestChannel.End;
import dev.tidemark.simulator.world.SimulatedProcess;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;

/// A machine with one client process: its connections to brokers, made when they are needed.
public final class ClientHost {
    private static final int FIRST_NUMBER = 100;

    private final SimulatedCluster cluster;
    private final String name;
    private final Machine machine;
    private final SimulatedProcess process;
    private final Loop loop;
    private final RandomGenerator random;
    private final TransactionVersion version;
    private final Map<Integer, RequestChannel> channels = new TreeMap<>();

    public ClientHost(SimulatedCluster cluster, int number, String name) {
        this(cluster, number, name, TransactionVersion.TWO);
    }

    public ClientHost(SimulatedCluster cluster, int number, String name, TransactionVersion version) {
        this.version = version;
        this.cluster = cluster;
        this.name = name;
        this.machine = cluster.network().machine(FIRST_NUMBER + number, name);
        this.process = new SimulatedProcess(cluster.world(), FIRST_NUMBER + number, name);
        this.loop = process.newLoop();
        this.random = cluster.world().newRandom();
    }

    public String name() {
        return name;
    }

    public Machine machine() {
        return machine;
    }

    SimulatedProcess process() {
        return process;
    }

    RandomGenerator random() {
        return random;
    }

    SimulatedCluster cluster() {
        return cluster;
    }

    TransactionVersion version() {
        return version;
    }

    int anyBroker() {
        return 1 + random.nextInt(cluster.brokers().size());
    }

    void after(long delayMs, Runnable task) {
        var _ = loop.runAfter(delayMs, task);
    }

    long nowMs() {
        return process.clock().monotonicMs();
    }

    long wallMs() {
        return process.clock().wallMs();
    }

    /// Asks a broker; exactly one of the two hears.
    <R extends Response> void call(
            int broker,
            Request request,
            Class<R> type,
            long timeoutMs,
            Consumer<R> onResponse,
            Consumer<End> onFailed) {
        RequestChannel channel = channels.get(broker);
        if (channel == null || !channel.isOpen()) {
            channel = new RequestChannel(
                    cluster.network(), machine, process, loop, "broker-" + broker, name, new RequestChannel.Listener() {
                        @Override
                        public void onConnected() {}

                        @Override
                        public void onEnded(End why) {}
                    });
            channels.put(broker, channel);
        }
        channel.send(request, version.highest(request.apiKey()), timeoutMs, new RequestChannel.Answer() {
            @Override
            public void onResponse(Response response, short version, byte[] frame) {
                onResponse.accept(type.cast(response));
            }

            @Override
            public void onFailed(End why) {
                onFailed.accept(why);
            }
        });
    }

    /// Lets go of the connection, as a client does that does not trust it any more.
    void hangUp(int broker) {
        RequestChannel channel = channels.remove(broker);
        if (channel != null) channel.close();
    }
}
