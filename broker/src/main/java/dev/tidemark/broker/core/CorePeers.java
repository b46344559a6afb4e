package dev.tidemark.broker.core;

import dev.tidemark.base.config.ConfigValues;
import dev.tidemark.base.time.Loop;
import dev.tidemark.broker.cluster.ClusterView;
import dev.tidemark.broker.cluster.Departures;
import dev.tidemark.broker.dispatch.Handler;
import dev.tidemark.broker.forward.AlterPartitionHandler;
import dev.tidemark.broker.forward.AlterPartitionSender;
import dev.tidemark.broker.forward.ControllerAddress;
import dev.tidemark.broker.forward.ControllerChannel;
import dev.tidemark.broker.forward.ForwardingHandler;
import dev.tidemark.broker.forward.PeerCalls;
import dev.tidemark.broker.liveness.FencingWatch;
import dev.tidemark.broker.liveness.LivenessWatch;
import dev.tidemark.broker.liveness.Verdicts;
import dev.tidemark.broker.partition.FollowingListener;
import dev.tidemark.broker.partition.IsrChanges;
import dev.tidemark.broker.peer.NotingTransport;
import dev.tidemark.broker.peer.PeerPurpose;
import dev.tidemark.broker.peer.PeerReply;
import dev.tidemark.broker.peer.PeerTransport;
import dev.tidemark.broker.peer.Peers;
import dev.tidemark.broker.replica.ReplicaFetchers;
import dev.tidemark.broker.throttle.CopyThrottle;
import dev.tidemark.broker.throttle.Throttle;
import dev.tidemark.metadata.control.ControlPlane;
import dev.tidemark.metadata.control.ControllerGateway;
import dev.tidemark.metadata.control.MetadataListener;
import dev.tidemark.metadata.control.RefusedException;
import dev.tidemark.metadata.image.ClusterImage;
import dev.tidemark.metadata.image.ControllerImage;
import dev.tidemark.metadata.image.MetadataChange;
import dev.tidemark.metadata.image.MetadataDelta;
import dev.tidemark.protocol.ErrorCode;
import dev.tidemark.protocol.message.BrokerHeartbeatRequest;
import dev.tidemark.protocol.message.BrokerHeartbeatResponse;
import dev.tidemark.protocol.message.Request;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// What a broker needs of the others, joined: connections, the way to the controller, copying, liveness.
///
/// Life cycle: made; listens to the metadata from [BrokerCore#join] on; [#stopCopying], [#close] at the end.
final class CorePeers implements MetadataListener {
    private static final long STANDING_TIMEOUT_MS = 2_000;

    private final Supplier<@Nullable ControlPlane> plane;
    private final Peers peers;
    private final PeerCalls calls;
    private final ControllerChannel channel;
    private final AlterPartitionSender isrChanges;
    private final ReplicaFetchers fetchers;
    private final LivenessWatch liveness;
    private final FencingWatch fencing;
    private final ForwardingHandler.Way way;
    private final Departures departures;
    private final CopyThrottle leaderThrottle;
    private final CopyThrottle followerThrottle;

    /// @param plane null until the broker joins
    CorePeers(CoreSettings settings, BrokerWorld world, ClusterView cluster, Supplier<@Nullable ControlPlane> plane) {
        this.plane = plane;
        ConfigValues values = settings.values();
        int selfId = settings.nodeId();
        String listener = CoreConfigs.innerListener(values);
        this.leaderThrottle = new CopyThrottle(CopyThrottle.Side.LEADER, selfId, cluster, world.clock());
        this.followerThrottle = new CopyThrottle(CopyThrottle.Side.FOLLOWER, selfId, cluster, world.clock());
        onConfigChange(values);
        this.departures = new Departures(cluster, world.clock());
        Address address = new Address();
        this.calls = new PeerCalls(listener);
        PeerTransport transport = new NotingTransport(world.transport(), new Noted());
        this.peers = new Peers(selfId, listener, transport, id -> image().broker(id), world.loops());
        int answerTimeoutMs = values.intValue("controller.socket.timeout.ms");
        this.channel = new ControllerChannel(address, peers, selfId, answerTimeoutMs);
        Loop loop = world.loops().apply(0);
        this.isrChanges = new AlterPartitionSender(address, channel, selfId, loop);
        this.fetchers = new ReplicaFetchers(
                selfId, CoreConfigs.fetcher(values), peers, this::lastBrokerEpoch, followerThrottle, world.loops());
        this.liveness = new LivenessWatch(selfId, listener, transport, new Told(), loop);
        this.fencing = new FencingWatch(selfId, new Membership(), this::askForStanding, loop);
        this.way = new ForwardingHandler.Way(address, peers, calls, selfId, answerTimeoutMs);
    }

    private ClusterImage image() {
        ControlPlane known = plane.get();
        return known == null ? ClusterImage.EMPTY : known.image();
    }

    /// Copying goes on without a session: a leader refuses it once it knows that this broker is gone.
    private long lastBrokerEpoch() {
        ControlPlane known = plane.get();
        return known == null ? -1 : known.lastBrokerEpoch();
    }

    private final class Address implements ControllerAddress {
        @Override
        public ControllerImage controller() {
            return image().controller();
        }

        @Override
        public boolean isLocal() {
            ControlPlane known = plane.get();
            return known != null && known.isController();
        }

        @Override
        public ControllerGateway local() {
            ControlPlane known = plane.get();
            if (known != null) return known;
            return _ -> CompletableFuture.failedFuture(
                    new RefusedException(ErrorCode.NOT_CONTROLLER, "this broker has not joined the cluster"));
        }

        @Override
        public long brokerEpoch() {
            ControlPlane known = plane.get();
            return known == null ? -1 : known.brokerEpoch();
        }
    }

    private final class Membership implements FencingWatch.Membership {
        @Override
        public boolean isConnected() {
            ControlPlane known = plane.get();
            return known != null && known.isConnected();
        }

        @Override
        public boolean isCurrent() {
            ControlPlane known = plane.get();
            return known != null && known.isCurrent();
        }

        @Override
        public boolean isRegistered() {
            ControlPlane known = plane.get();
            return known != null && known.brokerEpoch() >= 0;
        }

        @Override
        public long lastBrokerEpoch() {
            return CorePeers.this.lastBrokerEpoch();
        }

        @Override
        public ClusterImage image() {
            return CorePeers.this.image();
        }
    }

    private CompletableFuture<BrokerHeartbeatResponse> askForStanding(int brokerId, BrokerHeartbeatRequest request) {
        return peers.send(brokerId, PeerPurpose.CONTROL, request, STANDING_TIMEOUT_MS)
                .thenApply(PeerReply::detach)
                .thenApply(BrokerHeartbeatResponse.class::cast);
    }

    /// Whoever copies from a leader notices its end before the image does.
    private final class Noted implements NotingTransport.Notes {
        @Override
        public void onRefused(int nodeId) {
            image().broker(nodeId).ifPresent(broker -> departures.onGone(nodeId, broker.epoch()));
        }

        @Override
        public void onConnected(int nodeId) {
            departures.onHere(nodeId);
        }
    }

    private final class Told implements Verdicts {
        @Override
        public void onBrokerDead(int brokerId, long brokerEpoch) {
            departures.onGone(brokerId, brokerEpoch);
            Optional.ofNullable(plane.get()).ifPresent(known -> known.onBrokerDead(brokerId, brokerEpoch));
        }

        @Override
        public void onControllerDead(int brokerId, int controllerEpoch) {
            image().broker(brokerId).ifPresent(broker -> departures.onGone(brokerId, broker.epoch()));
            Optional.ofNullable(plane.get()).ifPresent(known -> known.onControllerDead(brokerId, controllerEpoch));
        }
    }

    /// This broker leads from now on, as long as the others take it for a member.
    ///
    /// @param afterRoles runs a task when all that the metadata said of roles before is carried out
    void onLeading(Consumer<Runnable> afterRoles) {
        fencing.begin(afterRoles);
    }

    /// Whether others may lead what this broker leads. Any thread.
    boolean isFenced() {
        return fencing.isFenced();
    }

    Peers peers() {
        return peers;
    }

    PeerCalls calls() {
        return calls;
    }

    /// What followers may get from here.
    Throttle leaderThrottle() {
        return leaderThrottle;
    }

    /// The broker's configs have changed.
    void onConfigChange(ConfigValues broker) {
        leaderThrottle.rate(broker.longValue("leader.replication.throttled.rate"));
        followerThrottle.rate(broker.longValue("follower.replication.throttled.rate"));
    }

    Departures departures() {
        return departures;
    }

    /// Where this broker asks the controller for itself.
    ControllerGateway controller() {
        return channel;
    }

    IsrChanges isrChanges() {
        return isrChanges;
    }

    FollowingListener following() {
        return fetchers;
    }

    /// The handler of AlterPartition; `here` is this broker's own part of the control plane.
    Handler<?> alterPartition(ControllerGateway here) {
        return new AlterPartitionHandler(here, calls);
    }

    /// The same handlers, which send on what only the controller can answer.
    List<Handler<?>> forwarding(List<Handler<?>> locals) {
        List<Handler<?>> forwarding = new ArrayList<>();
        for (Handler<?> local : locals) forwarding.add(forwarding(local));
        return forwarding;
    }

    private <Q extends Request> Handler<Q> forwarding(Handler<Q> local) {
        return new ForwardingHandler<>(local, way);
    }

    @Override
    public void onDelta(ClusterImage before, ClusterImage after, MetadataDelta delta) {
        leaderThrottle.onDelta(after, delta);
        followerThrottle.onDelta(after, delta);
        boolean concernsWatch = false;
        for (MetadataChange change : delta.changes()) {
            if (change instanceof MetadataChange.BrokerRegistered(var broker)) fetchers.onRegistered(broker.id());
            if (change instanceof MetadataChange.BrokerGone(int gone))
                before.broker(gone).ifPresent(broker -> departures.onGone(gone, broker.epoch()));
            concernsWatch |= change instanceof MetadataChange.BrokerRegistered
                    || change instanceof MetadataChange.BrokerGone
                    || change instanceof MetadataChange.ControllerChanged;
        }
        if (!after.controller().equals(before.controller())) isrChanges.onControllerChange(after.controller());
        ControlPlane known = plane.get();
        if (!concernsWatch || known == null) return;
        liveness.onImage(after, known.isController());
        fencing.onBrokersChange();
    }

    /// Others notice no more from here that somebody is dead, and nothing is copied any more.
    void stopCopying() {
        liveness.close();
        fencing.close();
        fetchers.close();
    }

    void close() {
        peers.close();
    }
}
