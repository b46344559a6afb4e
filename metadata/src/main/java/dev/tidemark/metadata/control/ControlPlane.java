package dev.tidemark.metadata.control;

import dev.tidemark.base.serial.Serial;
import dev.tidemark.base.time.Loop;
import dev.tidemark.metadata.controller.ConfigRules;
import dev.tidemark.metadata.controller.ControllerInput;
import dev.tidemark.metadata.controller.ControllerReply;
import dev.tidemark.metadata.image.BrokerRegistration;
import dev.tidemark.metadata.image.ClusterImage;
import dev.tidemark.metadata.image.ControllerImage;
import dev.tidemark.metadata.image.MetadataChange;
import dev.tidemark.metadata.image.MetadataDelta;
import dev.tidemark.metadata.image.OfflineReplicas;
import dev.tidemark.metadata.store.MetadataStore;
import dev.tidemark.metadata.store.SessionEvent;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A broker's part in the control plane: follows the cluster's metadata, registers the broker, stands for controller,
/// and runs the controller's decisions while it is the one.
///
/// Owner: its serial; every method may be called from any thread. Life cycle: [#load], then [#register], then [#stop].
/// A lost session is made up for by itself: the broker registers again, with a new epoch, and stands for controller.
public final class ControlPlane implements ControllerGateway {
    private static final Logger LOG = LoggerFactory.getLogger(ControlPlane.class);

    private final ControlPlaneSettings settings;
    private final MetadataStore store;
    private final Turns turns;
    private final ImageFollower follower;
    private final Controllership controllership;
    private final ClusterRoots roots;
    private final Membership membership;
    private final Election election;
    private final Deference deference;
    private final List<MetadataListener> listeners = new CopyOnWriteArrayList<>();
    private final CompletableFuture<ClusterImage> loaded = new CompletableFuture<>();

    private volatile ClusterImage image = ClusterImage.EMPTY;
    private long session = -1;
    private volatile boolean connected;
    private boolean rooted;
    private volatile boolean current;
    private boolean stopped;

    public ControlPlane(ControlPlaneSettings settings, ConfigRules rules, MetadataStore store, Loop loop) {
        this(settings, rules, store, loop, failure -> LOG.error("The control plane has failed", failure));
    }

    /// @param onFailure hears of a bug that has stopped the control plane for good
    public ControlPlane(
            ControlPlaneSettings settings,
            ConfigRules rules,
            MetadataStore store,
            Loop loop,
            Consumer<Throwable> onFailure) {
        this.settings = settings;
        this.store = store;
        this.turns = new Turns(new Serial(loop, onFailure));
        OwnWrites ownWrites = new OwnWrites();
        this.follower = new ImageFollower(store, turns, ownWrites, this::onRead, this::onStrayed);
        this.controllership =
                new Controllership(settings, rules, store, turns, loop, follower, ownWrites, new Controlling());
        this.roots = new ClusterRoots(settings, store, turns, this::onRooted, loaded::completeExceptionally);
        this.membership = new Membership(settings, store, turns, loop, new Member());
        this.election = new Election(settings, store, turns, loop.clock(), controllership::begin);
        this.deference = new Deference(settings, loop, turns, () -> image, election, this::stand, this::leaveToOthers);
    }

    /// Joins the cluster as a reader: makes the tree's roots where they are missing, checks the cluster id, reads the
    /// whole image. Listeners are told before the future completes.
    ///
    /// @return fails with a [RefusedException] (INCONSISTENT_CLUSTER_ID, …) that says what is wrong
    public CompletableFuture<ClusterImage> load() {
        store.onSession(event -> turns.run(() -> onSession(event)));
        return loaded;
    }

    /// Registers the broker and stands for controller. Completes once there is a controller that has
    /// seen to this incarnation of the broker: what the image then says of leaders is meant for it. To
    /// be called once, after [#load] has completed.
    ///
    /// @return the broker's epoch; fails with a [RefusedException] (DUPLICATE_BROKER_REGISTRATION, …)
    public CompletableFuture<Long> register(BrokerRegistration broker) {
        turns.run(() -> membership.register(broker));
        return membership.joined();
    }

    /// To be called before [#load].
    public void addListener(MetadataListener listener) {
        listeners.add(listener);
    }

    /// The newest image that this broker knows. From any thread.
    public ClusterImage image() {
        return image;
    }

    /// Whether this broker is the controller, as far as it knows. From any thread.
    public boolean isController() {
        return controllership.isController();
    }

    /// The epoch of the broker's present registration, -1 while it has none. From any thread.
    public long brokerEpoch() {
        return membership.brokerEpoch();
    }

    /// The epoch of this process's last registration, also when that has gone with its session: others may know of no
    /// newer one, as while the store is away. -1 before the first. From any thread.
    public long lastBrokerEpoch() {
        return membership.lastBrokerEpoch();
    }

    /// Whether the store answers. From any thread.
    public boolean isConnected() {
        return connected;
    }

    /// Whether the image follows the store; else it is as it was when the store was last heard of. From any thread.
    public boolean isCurrent() {
        return current;
    }

    public ControlPlaneSettings settings() {
        return settings;
    }

    @Override
    public CompletableFuture<ControllerReply> submit(ControllerInput input) {
        CompletableFuture<ControllerReply> reply = new CompletableFuture<>();
        try {
            turns.run(() -> controllership.submit(input, reply));
        } catch (Serial.StoppedException e) {
            reply.completeExceptionally(e);
        }
        return reply;
    }

    /// Says that the process of a broker is certainly gone (its connections are refused), which the store's session
    /// would show much later. Where this broker is the controller, that registration is removed at once and its
    /// partitions get other leaders. From any thread, any number of times; does nothing where the broker is
    /// registered with another epoch.
    public void onBrokerDead(int brokerId, long epoch) {
        turns.run(() -> controllership.evict(brokerId, epoch));
    }

    /// Says that the process of the controller is certainly gone: this broker takes its place at once, unless another
    /// one was faster. From any thread, any number of times; does nothing where the controller has another epoch.
    public void onControllerDead(int brokerId, int controllerEpoch) {
        turns.run(() -> {
            ControllerImage now = image.controller();
            if (now.brokerId() != brokerId || now.epoch() != controllerEpoch || controllership.isActive()) return;
            if (!election.isDead(now))
                LOG.info("The process of broker {}, the controller of epoch {}, is gone", brokerId, controllerEpoch);
            election.onDead(
                    now, image.broker(brokerId).map(BrokerRegistration::epoch).orElse(-1L));
            standIfVacant();
        });
    }

    /// Tells the cluster that this broker is about to stop, so that the controller gives its leaderships to others.
    ///
    /// @return completes once this broker leads nothing that another member of an ISR could lead; it may take long
    ///     where there is no controller, so bound the wait. Then [#stop]
    public CompletableFuture<Void> controlledShutdown() {
        turns.run(membership::beginShutdown);
        return membership.handedOver();
    }

    /// Tells the cluster which of this broker's replicas cannot work, because their log directories have failed: others
    /// lead instead, and they leave the ISRs. Holds until it is told anew, also over a lost
    /// session. From any thread.
    public void onOfflineReplicas(OfflineReplicas now) {
        turns.run(() -> membership.onOfflineReplicas(now));
    }

    /// Takes the registration back and ends the store session.
    public CompletableFuture<Void> stop() {
        CompletableFuture<Void> done = new CompletableFuture<>();
        try {
            turns.run(() -> {
                stopped = true;
                membership.stop();
                loseSession();
                var _ = store.close().whenComplete((_, _) -> done.complete(null));
            });
        } catch (Serial.StoppedException e) {
            var _ = store.close().whenComplete((_, _) -> done.complete(null));
        }
        return done;
    }

    private void onSession(SessionEvent event) {
        if (stopped) return;
        switch (event) {
            case SessionEvent.Connected(var id, var fresh) -> onConnected(id, fresh);
            case SessionEvent.Disconnected _ -> {
                connected = false;
                current = false;
                membership.onDisconnected();
                controllership.onDisconnected();
                follower.suspend();
                election.cancel();
                LOG.warn("Disconnected from the metadata store; existing leaders go on");
            }
            case SessionEvent.Expired _ -> loseSession();
        }
    }

    private void onConnected(long id, boolean fresh) {
        connected = true;
        if (fresh && id != session) loseSession();
        session = id;
        if (!rooted) {
            roots.ensure();
            return;
        }
        // Where the controller died with the server that the connection was lost to, its place is taken before all is
        // read again. The reads of the reload leave after those of the election, and see what it has written.
        standIfVacant();
        follower.reload();
    }

    /// Registration and controllership are gone with the session.
    private void loseSession() {
        membership.onSessionLost();
        election.cancel();
        resign();
    }

    private void resign() {
        if (controllership.isActive() && !stopped) {
            LOG.info("Broker {} is no longer the controller", settings.brokerId());
            follower.follow();
        }
        controllership.end();
        deference.end();
    }

    private void onRooted() {
        rooted = true;
        turns.onReply(follower.watch(), _ -> {
            if (connected) follower.reload();
        });
    }

    /// The store says what has changed.
    private void onRead(MetadataDelta delta, boolean whole) {
        apply(delta);
        if (whole) onCurrent();
        noticeControllerOf();
        if (delta.changes().stream().anyMatch(MetadataChange.BrokerRegistered.class::isInstance)) deference.onOther();
        controllership.onDelta(delta);
        membership.onRead(delta);
    }

    private void onCurrent() {
        current = true;
        boolean first = loaded.complete(image);
        if (first) return;
        if (membership.isRegistered() && image.controller().brokerId() == settings.brokerId())
            controllership.onReloaded();
        membership.onCurrent();
    }

    /// To follow it would be to delete every replica.
    private void onStrayed() {
        current = false;
        LOG.error(
                "The metadata store has lost cluster {}, or is another one: it is not followed. Leaders go on; bring it back",
                image.clusterId());
    }

    /// The image may name another controller than before, or none.
    private void noticeControllerOf() {
        ControllerImage now = image.controller();
        boolean mine = now.brokerId() == settings.brokerId();
        if (now.isKnown() && !mine) deference.onOther();
        if (controllership.isActive() && now.isKnown() && !mine) resign();
        if (!now.isKnown()) resign();
        standIfVacant();
        membership.completeJoin();
    }

    private void standIfVacant() {
        ControllerImage now = image.controller();
        boolean mine = now.brokerId() == settings.brokerId();
        // It may also be this broker without its knowing: by an answer that was lost, or by an earlier process.
        boolean vacant = !now.isKnown() || (mine && !controllership.isActive()) || election.isDead(now);
        if (vacant && connected && membership.isRegistered()) deference.stand();
    }

    private void stand() {
        if (connected && !stopped && membership.isRegistered()) election.stand(session);
    }

    private boolean leaveToOthers() {
        if (!connected || !current || stopped || !controllership.isIdle()) return false;
        LOG.info("The metadata store's leader runs in this process: others had better be the controller");
        int epochVersion = image.controller().epochVersion();
        resign();
        election.leave(epochVersion, this::standIfVacant);
        return true;
    }

    private void apply(MetadataDelta delta) {
        if (delta.isEmpty()) return;
        ClusterImage before = image;
        ClusterImage after = before.apply(delta);
        image = after;
        follower.image(after);
        for (MetadataListener listener : listeners) listener.onDelta(before, after, delta);
        membership.onImage(after);
    }

    /// This broker tells of itself what the image is to hold at once.
    private void applyRegistered(BrokerRegistration registered) {
        MetadataDelta delta = MetadataDelta.of(new MetadataChange.BrokerRegistered(registered));
        apply(delta);
        controllership.onDelta(delta);
    }

    private final class Member implements Membership.Host {
        @Override
        public ClusterImage image() {
            return image;
        }

        @Override
        public boolean isConnected() {
            return connected;
        }

        @Override
        public boolean isCurrent() {
            return current;
        }

        @Override
        public long session() {
            return session;
        }

        /// Only what the controller has seen to is meant for this incarnation.
        @Override
        public boolean isSeen(long brokerEpoch) {
            ControllerImage now = image.controller();
            if (now.brokerId() == settings.brokerId()) return controllership.hasReviewed();
            return now.isKnown() && now.hasSeen(settings.brokerId(), brokerEpoch);
        }

        @Override
        public void onRegistered(BrokerRegistration registered) {
            if (!registered.equals(image.brokers().get(registered.id()))) applyRegistered(registered);
            deference.stand();
        }

        @Override
        public void onRewritten(BrokerRegistration rewritten) {
            applyRegistered(rewritten);
        }
    }

    private final class Controlling implements Controllership.Host {
        @Override
        public ClusterImage image() {
            return image;
        }

        @Override
        public void apply(MetadataDelta delta) {
            ControlPlane.this.apply(delta);
        }

        @Override
        public void reload() {
            current = false;
            if (connected) follower.reload();
        }

        @Override
        public void onSeen() {
            membership.completeJoin();
        }

        @Override
        public void onIdle() {
            deference.onIdle();
        }

        @Override
        public void onDeposed() {
            resign();
        }
    }
}
