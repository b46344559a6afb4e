package dev.tidemark.broker.liveness;

import dev.tidemark.base.time.Loop;
import dev.tidemark.broker.peer.PeerPurpose;
import dev.tidemark.broker.peer.PeerTransport;
import dev.tidemark.metadata.image.BrokerEndpoint;
import dev.tidemark.metadata.image.BrokerRegistration;
import dev.tidemark.metadata.image.ClusterImage;
import dev.tidemark.metadata.image.ControllerImage;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Keeps a connection to each process whose death this broker would have to act on: every broker to the controller,
/// the controller to every broker.
///
/// Silence is no sign of death here: a paused machine may wake up. The store's session ends that wait.
///
/// Owner: its loop. Callable from any thread. Life cycle: [#close] once.
public final class LivenessWatch {
    private final int selfId;
    private final String listener;
    private final PeerTransport transport;
    private final Verdicts verdicts;
    private final Loop loop;
    private final Map<Incarnation, Watched> brokers = new HashMap<>();
    private @Nullable Watched controller;
    private ControllerImage watchedController = ControllerImage.NOBODY;
    private boolean closed;

    private record Incarnation(int brokerId, long epoch) {}

    /// @param listener `inter.broker.listener.name`
    public LivenessWatch(int selfId, String listener, PeerTransport transport, Verdicts verdicts, Loop loop) {
        this.selfId = selfId;
        this.listener = listener;
        this.transport = transport;
        this.verdicts = verdicts;
        this.loop = loop;
    }

    /// The cluster has changed, or this broker has become the controller or has ceased to be it.
    public void onImage(ClusterImage image, boolean isController) {
        loop.run(() -> {
            if (closed) return;
            watchController(image, isController);
            watchBrokers(image, isController);
        });
    }

    private void watchController(ClusterImage image, boolean isController) {
        ControllerImage now = image.controller();
        boolean elsewhere = !isController && now.isKnown() && now.brokerId() != selfId;
        Watched before = controller;
        if (before != null && (!elsewhere || now.epoch() != watchedController.epoch())) {
            before.stop();
            controller = null;
        }
        if (!elsewhere || controller != null) return;
        // Its registration may go before its controllership does: then it is watched where it was.
        Optional<BrokerEndpoint> endpoint = image.broker(now.brokerId()).flatMap(broker -> broker.endpoint(listener));
        if (endpoint.isEmpty()) return;
        watchedController = now;
        controller =
                watch(now.brokerId(), endpoint.get(), () -> verdicts.onControllerDead(now.brokerId(), now.epoch()));
    }

    private void watchBrokers(ClusterImage image, boolean isController) {
        for (Iterator<Map.Entry<Incarnation, Watched>> each = brokers.entrySet().iterator(); each.hasNext(); ) {
            Map.Entry<Incarnation, Watched> entry = each.next();
            if (isController && isCurrent(image, entry.getKey(), entry.getValue())) continue;
            entry.getValue().stop();
            each.remove();
        }
        if (!isController) return;
        for (BrokerRegistration broker : image.brokers().values()) {
            Incarnation incarnation = new Incarnation(broker.id(), broker.epoch());
            if (broker.id() == selfId || brokers.containsKey(incarnation)) continue;
            broker.endpoint(listener)
                    .ifPresent(endpoint -> brokers.put(
                            incarnation,
                            watch(
                                    broker.id(),
                                    endpoint,
                                    () -> verdicts.onBrokerDead(incarnation.brokerId, incarnation.epoch))));
        }
    }

    private boolean isCurrent(ClusterImage image, Incarnation incarnation, Watched watched) {
        return image.broker(incarnation.brokerId)
                .filter(broker -> broker.epoch() == incarnation.epoch)
                .flatMap(broker -> broker.endpoint(listener))
                .filter(watched.endpoint()::equals)
                .isPresent();
    }

    private Watched watch(int nodeId, BrokerEndpoint endpoint, Runnable onDead) {
        Watched watched = new Watched(nodeId, endpoint, onDead, transport, PeerPurpose.LIVENESS.clientId(selfId), loop);
        watched.dial();
        return watched;
    }

    public void close() {
        loop.run(() -> {
            closed = true;
            List<Watched> all = new ArrayList<>(brokers.values());
            if (controller != null) all.add(controller);
            brokers.clear();
            controller = null;
            all.forEach(Watched::stop);
        });
    }
}
