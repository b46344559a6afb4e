package dev.tidemark.simulator.cluster;

import dev.tidemark.base.disk.Disk;
import dev.tidemark.base.time.Loop;
import dev.tidemark.broker.core.BrokerCore;
import dev.tidemark.broker.core.BrokerWorld;
import dev.tidemark.broker.core.ClusterIdentity;
import dev.tidemark.broker.core.CoreSettings;
import dev.tidemark.metadata.image.BrokerEndpoint;
import dev.tidemark.metadata.store.InMemoryMetadataStore;
import dev.tidemark.simulator.network.Machine;
import dev.tidemark.simulator.network.ServerPort;
import dev.tidemark.simulator.network.SimulatedNetwork;
import dev.tidemark.simulator.network.SimulatedPeerTransport;
import dev.tidemark.simulator.world.SimulatedPasses;
import dev.tidemark.simulator.world.SimulatedProcess;
import dev.tidemark.simulator.world.World;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.BiConsumer;
import java.util.function.BooleanSupplier;
import java.util.function.LongPredicate;

/// One process of a broker, from its start to its end: the real broker on simulated seams.
final class Incarnation {
    private static final int LOOPS = 3;
    private static final int PORT = 9092;
    private static final long HAND_OVER_MS_MAX = 5_000;
    private static final int NUMBERS_PER_BROKER = 1_000;

    private final int id;
    private final Disk disk;
    private final Machine machine;
    private final SimulatedProcess process;
    private final ProcessStore store;
    private final LongPredicate pastSessions;
    private final BooleanSupplier hostsStoreLeader;
    private final BiConsumer<Incarnation, Throwable> onFailed;
    private final CoreSettings settings;
    private final Executor replicaOrder;
    private final BrokerCore core;
    private final ServerPort port;

    Incarnation(
            World world,
            int id,
            int number,
            Map<String, String> texts,
            Disk disk,
            Machine machine,
            SimulatedNetwork network,
            InMemoryMetadataStore client,
            LongPredicate pastSessions,
            BooleanSupplier hostsStoreLeader,
            BiConsumer<Incarnation, Throwable> onFailed) {
        this.id = id;
        this.disk = disk;
        this.machine = machine;
        this.pastSessions = pastSessions;
        this.hostsStoreLeader = hostsStoreLeader;
        this.onFailed = onFailed;
        this.process = new SimulatedProcess(world, id * NUMBERS_PER_BROKER + number, "broker-" + id);
        this.store = new ProcessStore(client, process, network.flaw());
        this.settings = CoreSettings.of(id, texts);
        this.replicaOrder = process.diskInOrder(20_000, 400_000);
        List<Loop> loops = new ArrayList<>();
        for (int i = 0; i < LOOPS; i++) loops.add(process.newLoop());
        SimulatedPasses passes = new SimulatedPasses(process);
        this.core = new BrokerCore(
                settings,
                new BrokerWorld(
                        disk,
                        process.clock(),
                        world.newRandom(),
                        index -> loops.get(Math.floorMod(index, LOOPS)),
                        process.threads(10_000, 1_000_000),
                        process.diskThreads(50_000, 5_000_000),
                        passes,
                        passes,
                        replicaOrder,
                        new SimulatedPeerTransport(network, machine, process)));
        this.port = new ServerPort(world, process, core.requests(), loops);
    }

    SimulatedProcess process() {
        return process;
    }

    ProcessStore store() {
        return store;
    }

    BrokerCore core() {
        return core;
    }

    boolean isServing() {
        return port.isOpen();
    }

    void start() {
        machine.listen(process, port::accept);
        process.after(0, () -> {
            try {
                begin();
            } catch (IOException failure) {
                onFailed.accept(this, failure);
            }
        });
    }

    private void begin() throws IOException {
        ClusterIdentity identity = ClusterIdentity.of(settings.logDirs(), disk);
        CompletableFuture<Void> early = identity.clusterId().isPresent()
                ? core.openLogs(identity.clusterId().get())
                : CompletableFuture.completedFuture(null);
        var _ = core.join(store, identity.clusterId(), pastSessions, hostsStoreLeader)
                .thenCompose(image -> identity.clusterId().isPresent() ? early : openLogs(image.clusterId()))
                .thenCompose(_ -> core.openReplicas())
                .thenCompose(
                        _ -> core.register(List.of(new BrokerEndpoint("PLAINTEXT", machine.host(), PORT, "PLAINTEXT"))))
                .thenCompose(_ -> core.lead())
                .whenComplete((_, failure) -> {
                    if (failure == null) port.open();
                    else onFailed.accept(this, failure);
                });
    }

    private CompletableFuture<Void> openLogs(String clusterId) {
        try {
            return core.openLogs(clusterId);
        } catch (IOException failure) {
            return CompletableFuture.failedFuture(failure);
        }
    }

    /// Runs `ended` when the broker has stopped cleanly.
    void stop(Runnable ended) {
        process.after(0, () -> {
            CompletableFuture<Void> handedOver = core.handOver();
            process.after(HAND_OVER_MS_MAX * 1_000_000, () -> handedOver.complete(null));
            var _ = handedOver.whenComplete((_, _) -> process.after(0, () -> leave(ended)));
        });
    }

    private void leave(Runnable ended) {
        port.close();
        core.stop();
        var _ = core.leave()
                .thenRunAsync(() -> {}, replicaOrder)
                .thenCompose(_ -> core.closeLogs())
                .whenComplete((_, _) -> ended.run());
    }

    @Override
    public String toString() {
        return "broker " + id;
    }
}
