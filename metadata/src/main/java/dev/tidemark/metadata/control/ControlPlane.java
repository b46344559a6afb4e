package dev.tidemark.metadata.control;

import dev.tidemark.base.serial.Serial;
import dev.tidemark.base.time.Loop;
import dev.tidemark.metadata.controller.ConfigRules;
import dev.tidemark.metadata.controller.Controller;
import dev.tidemark.metadata.controller.ControllerInput;
import dev.tidemark.metadata.controller.ControllerReply;
import dev.tidemark.metadata.controller.Decision;
import dev.tidemark.metadata.image.BrokerRegistration;
import dev.tidemark.metadata.image.ClusterImage;
import dev.tidemark.metadata.image.ControllerImage;
import dev.tidemark.metadata.image.MetadataChange;
import dev.tidemark.metadata.image.MetadataDelta;
import dev.tidemark.metadata.image.OfflineReplicas;
import dev.tidemark.metadata.json.Znodes;
import dev.tidemark.metadata.store.MetadataStore;
import dev.tidemark.metadata.store.SessionEvent;
import dev.tidemark.metadata.store.StoreOp;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.pcollections.TreePMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A broker's part in the control plane: follows the cluster's metadata, registers the broker, stands for controller,
/// and runs the controller's decisions while it is the one.
///
/// Owner: its serial; every method may be called from any thread. Life cycle: [#load], then [#register], then [#stop].
/// A lost session is made up for by itself: the broker registers again, with a new epoch, and stands for controller.
public final class ControlPlane implements ControllerGateway {
    private static final Logger LOG = LoggerFactory.getLogger(ControlPlane.class);

    private static final long REVIEW_AGAIN_MS = 2_000;

    private final ControlPlaneSettings settings;
    private final MetadataStore store;
    private final Turns turns;
    private final ImageFollower follower;
    private final ControllerRun run;
    private final ClusterRoots roots;
    private final Registration registration;
    private final Election election;
    private final BrokerEviction eviction;
    private final SeenBrokers seenBrokers;
    private final BalanceTimer balance;
    private final Handover handover;
    private final Loop loop;
    private final List<MetadataListener> listeners = new CopyOnWriteArrayList<>();
    private final CompletableFuture<ClusterImage> loaded = new CompletableFuture<>();
    private final CompletableFuture<Long> joined = new CompletableFuture<>();
    private final Set<String> purging = new HashSet<>();

    private volatile ClusterImage image = ClusterImage.EMPTY;
    private volatile boolean controller;
    private volatile long brokerEpoch = -1;
    private @Nullable BrokerRegistration self;

    /// What was written last to the broker's znode, while the store has not answered.
    private @Nullable BrokerRegistration written;

    /// This broker's replicas that cannot work.
    private OfflineReplicas offline = OfflineReplicas.NONE;

    private long session = -1;
    private boolean connected;
    private boolean rooted;
    private volatile boolean current;
    private boolean stopped;

    /// Whether this broker, as the controller, has seen to all partitions once.
    private boolean reviewed;

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
        this.follower = new ImageFollower(store, turns, ownWrites, this::onRead);
        Controller decider = new Controller(settings.controller(), rules);
        this.run = new ControllerRun(decider, store, turns, ownWrites, new Host());
        this.roots = new ClusterRoots(settings, store, turns, this::onRooted, loaded::completeExceptionally);
        this.registration = new Registration(settings, store, turns, loop, this::onRegistered, this::onNotRegistered);
        this.election = new Election(settings, store, turns, loop.clock(), this::onElected);
        this.loop = loop;
        this.eviction = new BrokerEviction(store, turns, this::onEvicted);
        this.seenBrokers =
                new SeenBrokers(settings.brokerId(), store, turns, loop.clock(), this::image, this::onSeenWritten);
        this.balance = new BalanceTimer(
                settings.controller().balance(),
                loop,
                turns,
                percentage -> run.submit(new ControllerInput.BalanceLeaders(percentage), new CompletableFuture<>()));
        this.handover = new Handover(settings.brokerId());
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
        turns.run(() -> {
            self = broker;
            join();
        });
        return joined;
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
        return controller;
    }

    /// The epoch of the broker's present registration, -1 while it has none. From any thread.
    public long brokerEpoch() {
        return brokerEpoch;
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
            turns.run(() -> run.submit(input, reply));
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
        turns.run(() -> {
            boolean known = image.broker(brokerId)
                    .filter(broker -> broker.epoch() == epoch)
                    .isPresent();
            if (run.isActive() && known && brokerId != settings.brokerId()) eviction.evict(brokerId, epoch);
        });
    }

    /// Says that the process of the controller is certainly gone: this broker takes its place at once, unless another
    /// one was faster. From any thread, any number of times; does nothing where the controller has another epoch.
    public void onControllerDead(int brokerId, int controllerEpoch) {
        turns.run(() -> {
            ControllerImage now = image.controller();
            if (now.brokerId() != brokerId || now.epoch() != controllerEpoch || run.isActive()) return;
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
        turns.run(() -> {
            handover.begin();
            announceShutdown();
        });
        return handover.done();
    }

    /// Tells the cluster which of this broker's replicas cannot work, because their log directories have failed: others
    /// lead instead, and they leave the ISRs. Holds until it is told anew, also over a lost session. From any thread.
    public void onOfflineReplicas(OfflineReplicas now) {
        turns.run(() -> {
            offline = now;
            announceOffline();
        });
    }

    /// Takes the registration back and ends the store session.
    public CompletableFuture<Void> stop() {
        CompletableFuture<Void> done = new CompletableFuture<>();
        try {
            turns.run(() -> {
                stopped = true;
                handover.end();
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
                written = null;
                purging.clear();
                follower.onDisconnected();
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
        if (brokerEpoch >= 0 && !stopped) LOG.warn("The session with the metadata store is over: registering anew");
        brokerEpoch = -1;
        written = null;
        registration.cancel();
        election.cancel();
        resign();
        BrokerRegistration broker = self;
        if (broker != null && broker.epoch() >= 0) self = broker.withEpoch(-1);
    }

    private void resign() {
        if (run.isActive() && !stopped) {
            LOG.info("Broker {} is no longer the controller", settings.brokerId());
            follower.follow();
        }
        controller = false;
        reviewed = false;
        purging.clear();
        eviction.end();
        seenBrokers.end();
        balance.end();
        run.deactivate();
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
        if (run.isActive()) delta.changes().forEach(this::tellController);
        announceOffline();
        if (delta.changes().stream().anyMatch(change -> change instanceof MetadataChange.BrokerGone)) {
            registration.onBrokerGone();
            if (brokerEpoch >= 0 && !image.isAlive(settings.brokerId())) onOwnRegistrationGone();
        }
    }

    /// The controller took this broker for dead, though its session lives.
    private void onOwnRegistrationGone() {
        LOG.warn("The registration of this broker was removed, though it is alive: registering anew");
        brokerEpoch = -1;
        written = null;
        registration.cancel();
        BrokerRegistration broker = self;
        if (broker != null) self = broker.withEpoch(-1);
        join();
    }

    private void onCurrent() {
        current = true;
        boolean first = loaded.complete(image);
        if (first) return;
        if (brokerEpoch < 0) join();
        else if (run.isActive() && image.controller().brokerId() == settings.brokerId()) {
            run.onReloaded();
            eviction.onReloaded();
            seenBrokers.onReloaded();
            image.topics().deleting().forEach(this::purge);
        }
        announceShutdown();
        clearUncleanStop();
        announceOffline();
    }

    private void join() {
        BrokerRegistration broker = self;
        if (broker != null && connected && current && brokerEpoch < 0) {
            registration.start(broker.withOffline(offline), session);
        }
    }

    private void onRegistered(BrokerRegistration registered) {
        self = registered;
        brokerEpoch = registered.epoch();
        if (!registered.equals(image.brokers().get(registered.id()))) {
            MetadataDelta delta = MetadataDelta.of(new MetadataChange.BrokerRegistered(registered));
            apply(delta);
            if (run.isActive()) delta.changes().forEach(this::tellController);
        }
        election.stand(session);
        announceShutdown(); // It may have been asked for while there was no registration to say it in.
        announceOffline();
        completeJoin();
    }

    private void onNotRegistered(RefusedException why) {
        if (!joined.completeExceptionally(why)) LOG.error("Cannot register again: {}", why.getMessage());
    }

    private void onElected(Election.Won won) {
        if (run.isActive()) return;
        ControllerImage now = won.now();
        LOG.info("Broker {} is the controller, with epoch {}", settings.brokerId(), now.epoch());
        run.activate(now.epoch(), now.epochVersion());
        eviction.begin(now.epochVersion());
        seenBrokers.begin(now.epochVersion());
        controller = true;
        List<MetadataChange> known = new ArrayList<>();
        if (!now.equals(image.controller())) known.add(new MetadataChange.ControllerChanged(now));
        won.removed().filter(image::isAlive).ifPresent(id -> known.add(new MetadataChange.BrokerGone(id)));
        apply(new MetadataDelta(List.copyOf(known)));
        follower.lead();
        follower.whenClean(() -> review(now.epoch()));
    }

    /// Sees to all partitions, as the controller of this epoch.
    private void review(int epoch) {
        if (!run.isActive() || image.controller().epoch() != epoch) return;
        CompletableFuture<ControllerReply> done = new CompletableFuture<>();
        var _ = done.whenComplete((_, failure) -> turns.run(() -> onReviewed(epoch, failure)));
        run.submit(new ControllerInput.Elected(), done);
    }

    private void onReviewed(int epoch, @Nullable Throwable failure) {
        if (!run.isActive() || image.controller().epoch() != epoch) return;
        if (failure != null) {
            LOG.error("The new controller could not see to all partitions; it tries again", failure);
            var _ = loop.runAfter(REVIEW_AGAIN_MS, () -> turns.run(() -> review(epoch)));
        } else if (!reviewed) {
            LOG.info("Broker {} has seen to all partitions, as the controller of epoch {}", settings.brokerId(), epoch);
            balance.begin();
        }
        reviewed = true;
        completeJoin();
    }

    private void onEvicted(int brokerId) {
        if (!image.isAlive(brokerId)) return;
        MetadataDelta delta = MetadataDelta.of(new MetadataChange.BrokerGone(brokerId));
        apply(delta);
        delta.changes().forEach(this::tellController);
    }

    private void onSeenWritten(SortedMap<Integer, Long> seen) {
        ControllerImage now = image.controller();
        if (!run.isActive() || now.brokerId() != settings.brokerId()) return;
        apply(MetadataDelta.of(new MetadataChange.ControllerChanged(
                new ControllerImage(now.brokerId(), now.epoch(), now.epochVersion(), TreePMap.from(seen)))));
        completeJoin();
    }

    /// The image may name another controller than before, or none.
    private void noticeControllerOf() {
        ControllerImage now = image.controller();
        boolean mine = now.brokerId() == settings.brokerId();
        if (run.isActive() && now.isKnown() && !mine) resign();
        if (!now.isKnown()) resign();
        standIfVacant();
        completeJoin();
    }

    private void standIfVacant() {
        ControllerImage now = image.controller();
        boolean mine = now.brokerId() == settings.brokerId();
        // It may also be this broker without its knowing: by an answer that was lost, or by an earlier process.
        boolean vacant = !now.isKnown() || (mine && !run.isActive()) || election.isDead(now);
        if (vacant && connected && brokerEpoch >= 0) election.stand(session);
    }

    private void completeJoin() {
        if (joined.isDone() || brokerEpoch < 0 || !isSeen()) return;
        BrokerRegistration broker = self;
        if (broker != null && !broker.stoppedCleanly()) clearUncleanStop();
        else joined.complete(brokerEpoch);
    }

    /// Whether the controller has seen to this incarnation of the broker.
    private boolean isSeen() {
        ControllerImage now = image.controller();
        if (now.brokerId() == settings.brokerId()) return run.isActive() && reviewed;
        return now.isKnown() && now.hasSeen(settings.brokerId(), brokerEpoch);
    }

    /// The controller has drawn the consequences of an unclean stop: no later one is to draw them again.
    private void clearUncleanStop() {
        BrokerRegistration broker = self;
        if (broker == null || broker.stoppedCleanly() || brokerEpoch < 0 || !connected || !isSeen()) return;
        rewrite(broker, BrokerRegistration::toSeen);
    }

    private void announceShutdown() {
        BrokerRegistration broker = self;
        if (!handover.hasBegun()) return;
        boolean alone = image.brokers().size() <= 1;
        if (broker == null || brokerEpoch < 0 || alone) handover.end(); // There is nothing to give, or nobody to take.
        else if (connected && !broker.shuttingDown()) rewrite(broker, BrokerRegistration::toShuttingDown);
        handover.check(image);
    }

    /// Says it again until the image shows it: an answer may be lost, and one write overtake another's reading.
    private void announceOffline() {
        BrokerRegistration broker = self;
        if (broker == null || brokerEpoch < 0 || !connected || stopped) return;
        OfflineReplicas last = written == null ? offlineInImage() : written.offline();
        if (!last.equals(offline)) rewrite(broker, UnaryOperator.identity());
    }

    private OfflineReplicas offlineInImage() {
        return image.broker(settings.brokerId()).map(BrokerRegistration::offline).orElse(offline);
    }

    /// Goes out from what is on its way already, which the store writes first.
    private void rewrite(BrokerRegistration broker, UnaryOperator<BrokerRegistration> change) {
        BrokerRegistration last = written;
        BrokerRegistration before = last != null && last.epoch() == broker.epoch() ? last : broker;
        BrokerRegistration changed = change.apply(before).withOffline(offline);
        written = changed;
        registration.rewrite(changed, () -> {
            if (changed.equals(written)) written = null;
            if (brokerEpoch != changed.epoch()) return;
            self = changed;
            MetadataDelta delta = MetadataDelta.of(new MetadataChange.BrokerRegistered(changed));
            apply(delta);
            if (run.isActive()) delta.changes().forEach(this::tellController);
            completeJoin();
            announceOffline();
        });
    }

    private void tellController(MetadataChange change) {
        switch (change) {
            case MetadataChange.BrokerRegistered(var broker) ->
                run.submit(new ControllerInput.BrokerRegistered(broker.id()), new CompletableFuture<>());
            case MetadataChange.BrokerGone(var id) ->
                run.submit(new ControllerInput.BrokerGone(id), new CompletableFuture<>());
            case MetadataChange.TopicCreated(var topic) ->
                run.submit(new ControllerInput.TopicChanged(topic.name()), new CompletableFuture<>());
            case MetadataChange.PartitionsAdded added ->
                run.submit(new ControllerInput.TopicChanged(added.topic()), new CompletableFuture<>());
            case MetadataChange.TopicDeleted deleted -> {
                if (!deleted.finished()) purge(deleted.topic());
            }
            case MetadataChange.ClusterIdentified _,
                    MetadataChange.ControllerChanged _,
                    MetadataChange.PartitionChanged _,
                    MetadataChange.AssignmentVersionChanged _,
                    MetadataChange.TopicDeletionFinished _,
                    MetadataChange.ConfigChanged _,
                    MetadataChange.FeaturesChanged _ -> {}
        }
    }

    private void purge(String topic) {
        if (!purging.add(topic)) return;
        StoreOp fence = StoreOp.check(Znodes.CONTROLLER_EPOCH, run.epochVersion());
        new TopicPurge(store, turns, topic, fence, () -> {
                    purging.remove(topic);
                    apply(MetadataDelta.of(new MetadataChange.TopicDeletionFinished(topic)));
                })
                .start();
    }

    private void apply(MetadataDelta delta) {
        if (delta.isEmpty()) return;
        ClusterImage before = image;
        ClusterImage after = before.apply(delta);
        image = after;
        follower.image(after);
        for (MetadataListener listener : listeners) listener.onDelta(before, after, delta);
        handover.check(after);
    }

    private final class Host implements ControllerRun.Host {
        @Override
        public ClusterImage image() {
            return image;
        }

        @Override
        public int registrations() {
            return follower.registrations();
        }

        @Override
        public void applyOwn(MetadataDelta delta) {
            apply(delta);
        }

        @Override
        public void reload() {
            current = false;
            if (connected) follower.reload();
        }

        @Override
        public void start(Decision.Effect effect) {
            switch (effect) {
                case Decision.Effect.PurgeTopic(var topic) -> purge(topic);
                case Decision.Effect.BrokerSeen(var id, var epoch) -> seenBrokers.add(id, epoch);
                case Decision.Effect.Warn(var message) -> LOG.warn("{}", message);
            }
        }

        @Override
        public void deposed() {
            resign();
        }
    }
}
