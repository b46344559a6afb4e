package dev.tidemark.metadata.control;

import dev.tidemark.base.time.Loop;
import dev.tidemark.metadata.image.BrokerRegistration;
import dev.tidemark.metadata.image.ClusterImage;
import dev.tidemark.metadata.image.MetadataChange;
import dev.tidemark.metadata.image.MetadataDelta;
import dev.tidemark.metadata.image.OfflineReplicas;
import dev.tidemark.metadata.store.MetadataStore;
import java.util.concurrent.CompletableFuture;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// This broker as a member of the cluster: it registers, registers anew when its registration is lost, and writes it
/// again when it has something else to say of itself (its unclean stop has been seen to, it is about to stop, its disks
/// have failed).
///
/// Owner: the control plane's serial; [#brokerEpoch] and [#lastBrokerEpoch] from any thread.
final class Membership {
    private static final Logger LOG = LoggerFactory.getLogger(Membership.class);

    /// What the control plane knows and does.
    interface Host {
        ClusterImage image();

        /// Whether the store can be written to.
        boolean isConnected();

        /// Whether the image follows the store.
        boolean isCurrent();

        /// The session with the store.
        long session();

        /// Whether the controller has seen to this incarnation of the broker.
        boolean isSeen(long brokerEpoch);

        /// The broker is registered, with a new epoch.
        void onRegistered(BrokerRegistration registered);

        /// The same incarnation tells something else of itself.
        void onRewritten(BrokerRegistration rewritten);
    }

    private final int selfId;
    private final Host host;
    private final Registration registration;
    private final Handover handover;
    private final CompletableFuture<Long> joined = new CompletableFuture<>();
    private volatile long brokerEpoch = -1;

    /// What this process says of itself, with the epoch of its last registration, also when that is gone.
    private volatile @Nullable BrokerRegistration self;

    /// What was written last to the broker's znode, in the present epoch, while the store has not answered.
    private @Nullable BrokerRegistration written;

    /// This broker's replicas that cannot work.
    private OfflineReplicas offline = OfflineReplicas.NONE;

    private boolean stopped;

    Membership(ControlPlaneSettings settings, MetadataStore store, Turns turns, Loop loop, Host host) {
        this.selfId = settings.brokerId();
        this.host = host;
        this.registration = new Registration(settings, store, turns, loop, this::onRegistered, this::onRefused);
        this.handover = new Handover(selfId);
    }

    /// The epoch of the present registration, -1 while there is none.
    long brokerEpoch() {
        return brokerEpoch;
    }

    long lastBrokerEpoch() {
        BrokerRegistration broker = self;
        return broker == null ? -1 : broker.epoch();
    }

    boolean isRegistered() {
        return brokerEpoch >= 0;
    }

    /// With the broker's epoch, once the controller has seen to its first incarnation.
    CompletableFuture<Long> joined() {
        return joined;
    }

    /// To be called once.
    void register(BrokerRegistration broker) {
        self = broker;
        join();
    }

    private void join() {
        BrokerRegistration broker = self;
        if (broker == null || isRegistered() || !host.isConnected() || !host.isCurrent()) return;
        registration.start(broker.withOffline(offline), host.session());
    }

    private void onRegistered(BrokerRegistration registered) {
        self = registered;
        brokerEpoch = registered.epoch();
        host.onRegistered(registered);
        announceShutdown(); // It may have been asked for while there was no registration to say it in.
        announceOffline();
        completeJoin();
    }

    private void onRefused(RefusedException why) {
        if (!joined.completeExceptionally(why)) LOG.error("Cannot register again: {}", why.getMessage());
    }

    // ---- what the store says

    void onDisconnected() {
        written = null;
    }

    void onSessionLost() {
        if (isRegistered() && !stopped) LOG.warn("The session with the metadata store is over: registering anew");
        unregister();
    }

    /// The image has been read anew.
    void onCurrent() {
        join();
        announceShutdown();
        clearUncleanStop();
        announceOffline();
    }

    /// Something was read; the image has it.
    void onRead(MetadataDelta delta) {
        announceOffline();
        if (delta.changes().stream().noneMatch(change -> change instanceof MetadataChange.BrokerGone)) return;
        registration.onBrokerGone();
        if (!isRegistered() || host.image().isAlive(selfId)) return;
        // The controller took this broker for dead, though its session lives.
        LOG.warn("The registration of this broker was removed, though it is alive: registering anew");
        unregister();
        join();
    }

    void onImage(ClusterImage image) {
        handover.check(image);
    }

    private void unregister() {
        brokerEpoch = -1;
        written = null;
        registration.cancel();
    }

    void stop() {
        stopped = true;
        handover.end();
    }

    // ---- what the broker says of itself

    void completeJoin() {
        if (joined.isDone() || !isRegistered() || !host.isSeen(brokerEpoch)) return;
        BrokerRegistration broker = self;
        if (broker != null && !broker.stoppedCleanly()) clearUncleanStop();
        else joined.complete(brokerEpoch);
    }

    /// The controller has drawn the consequences of an unclean stop: no later one is to draw them again.
    private void clearUncleanStop() {
        BrokerRegistration broker = self;
        if (broker == null || broker.stoppedCleanly() || !mayWrite() || !host.isSeen(brokerEpoch)) return;
        rewrite(broker, BrokerRegistration::toSeen);
    }

    /// Completes when others lead what this broker led.
    CompletableFuture<Void> handedOver() {
        return handover.done();
    }

    void beginShutdown() {
        handover.begin();
        announceShutdown();
    }

    private void announceShutdown() {
        BrokerRegistration broker = self;
        if (!handover.hasBegun()) return;
        boolean alone = host.image().brokers().size() <= 1;
        if (broker == null || !isRegistered() || alone) handover.end(); // There is nothing to give, or nobody to take.
        else if (mayWrite() && !broker.shuttingDown()) rewrite(broker, BrokerRegistration::toShuttingDown);
        handover.check(host.image());
    }

    void onOfflineReplicas(OfflineReplicas now) {
        offline = now;
        announceOffline();
    }

    /// Says it again until the image shows it: an answer may be lost, and one write overtake another's reading.
    private void announceOffline() {
        BrokerRegistration broker = self;
        if (broker == null || !mayWrite() || stopped) return;
        OfflineReplicas last = written == null ? offlineInImage() : written.offline();
        if (!last.equals(offline)) rewrite(broker, UnaryOperator.identity());
    }

    private OfflineReplicas offlineInImage() {
        return host.image().broker(selfId).map(BrokerRegistration::offline).orElse(offline);
    }

    private boolean mayWrite() {
        return isRegistered() && host.isConnected();
    }

    /// Goes out from what is on its way already, which the store writes first.
    private void rewrite(BrokerRegistration broker, UnaryOperator<BrokerRegistration> change) {
        BrokerRegistration last = written;
        BrokerRegistration changed = change.apply(last == null ? broker : last).withOffline(offline);
        written = changed;
        registration.rewrite(changed, () -> {
            if (changed.equals(written)) written = null;
            if (brokerEpoch != changed.epoch()) return;
            self = changed;
            host.onRewritten(changed);
            completeJoin();
            announceOffline();
        });
    }
}
