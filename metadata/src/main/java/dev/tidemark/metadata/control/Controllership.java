package dev.tidemark.metadata.control;

import dev.tidemark.base.time.Loop;
import dev.tidemark.metadata.controller.ConfigRules;
import dev.tidemark.metadata.controller.Controller;
import dev.tidemark.metadata.controller.ControllerInput;
import dev.tidemark.metadata.controller.ControllerReply;
import dev.tidemark.metadata.controller.Decision;
import dev.tidemark.metadata.image.ClusterImage;
import dev.tidemark.metadata.image.ControllerImage;
import dev.tidemark.metadata.image.MetadataChange;
import dev.tidemark.metadata.image.MetadataDelta;
import dev.tidemark.metadata.json.Znodes;
import dev.tidemark.metadata.store.MetadataStore;
import dev.tidemark.metadata.store.StoreOp;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.pcollections.TreePMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What this broker does while it is the controller: sees to all partitions once, decides on what it is asked and on
/// what it hears, and does what follows from decisions.
///
/// Owner: the control plane's serial; [#isController] from any thread. Life cycle: [#begin] and [#end], in turns.
final class Controllership {
    private static final Logger LOG = LoggerFactory.getLogger(Controllership.class);
    private static final long REVIEW_AGAIN_MS = 2_000;

    /// What the control plane knows and does.
    interface Host {
        ClusterImage image();

        /// The controller has done or learnt this: the image holds it from now on.
        void apply(MetadataDelta delta);

        /// Reads the whole image anew; [Controllership#onReloaded] follows.
        void reload();

        /// This controller has seen to more brokers.
        void onSeen();

        /// It has nothing to do at the moment.
        void onIdle();

        /// Another broker has become the controller.
        void onDeposed();
    }

    private final int selfId;
    private final MetadataStore store;
    private final Turns turns;
    private final Loop loop;
    private final ImageFollower follower;
    private final Host host;
    private final ControllerRun run;
    private final BrokerEviction eviction;
    private final SeenBrokers seenBrokers;
    private final BalanceTimer balance;
    private final Set<String> purging = new HashSet<>();
    private volatile boolean controller;

    /// Whether all partitions have been seen to once.
    private boolean reviewed;

    Controllership(
            ControlPlaneSettings settings,
            ConfigRules rules,
            MetadataStore store,
            Turns turns,
            Loop loop,
            ImageFollower follower,
            OwnWrites ownWrites,
            Host host) {
        this.selfId = settings.brokerId();
        this.store = store;
        this.turns = turns;
        this.loop = loop;
        this.follower = follower;
        this.host = host;
        Controller decider = new Controller(settings.controller(), rules);
        this.run = new ControllerRun(decider, store, turns, ownWrites, new RunHost());
        this.eviction = new BrokerEviction(store, turns, this::onEvicted);
        this.seenBrokers = new SeenBrokers(selfId, store, turns, loop.clock(), host::image, this::onSeenWritten);
        this.balance = new BalanceTimer(
                settings.controller().balance(),
                loop,
                turns,
                percentage -> submit(new ControllerInput.BalanceLeaders(percentage), new CompletableFuture<>()));
    }

    boolean isActive() {
        return run.isActive();
    }

    /// As far as this broker knows. From any thread.
    boolean isController() {
        return controller;
    }

    /// Whether it is the controller and has seen to all partitions.
    boolean hasReviewed() {
        return run.isActive() && reviewed;
    }

    /// Whether it has seen to all partitions, and everything that it was asked for is done.
    boolean isIdle() {
        return hasReviewed() && run.isIdle() && purging.isEmpty();
    }

    void submit(ControllerInput input, CompletableFuture<ControllerReply> reply) {
        run.submit(input, reply);
    }

    void begin(Election.Won won) {
        if (run.isActive()) return;
        ControllerImage now = won.now();
        LOG.info("Broker {} is the controller, with epoch {}", selfId, now.epoch());
        run.activate(now.epoch(), now.epochVersion());
        eviction.begin(now.epochVersion());
        seenBrokers.begin(now.epochVersion());
        controller = true;
        ClusterImage image = host.image();
        List<MetadataChange> known = new ArrayList<>();
        if (!now.equals(image.controller())) known.add(new MetadataChange.ControllerChanged(now));
        won.removed().filter(image::isAlive).ifPresent(id -> known.add(new MetadataChange.BrokerGone(id)));
        host.apply(new MetadataDelta(List.copyOf(known)));
        follower.lead();
        follower.whenClean(() -> review(now.epoch()));
    }

    void end() {
        controller = false;
        reviewed = false;
        purging.clear();
        eviction.end();
        seenBrokers.end();
        balance.end();
        run.deactivate();
    }

    /// Sees to all partitions, as the controller of this epoch.
    private void review(int epoch) {
        if (!isIn(epoch)) return;
        CompletableFuture<ControllerReply> done = new CompletableFuture<>();
        var _ = done.whenComplete((_, failure) -> turns.run(() -> onReviewed(epoch, failure)));
        submit(new ControllerInput.Elected(), done);
    }

    private void onReviewed(int epoch, @Nullable Throwable failure) {
        if (!isIn(epoch)) return;
        if (failure != null) {
            LOG.error("The new controller could not see to all partitions; it tries again", failure);
            var _ = loop.runAfter(REVIEW_AGAIN_MS, () -> turns.run(() -> review(epoch)));
        } else if (!reviewed) {
            LOG.info("Broker {} has seen to all partitions, as the controller of epoch {}", selfId, epoch);
            balance.begin();
        }
        reviewed = true;
        host.onSeen();
    }

    private boolean isIn(int epoch) {
        return run.isActive() && host.image().controller().epoch() == epoch;
    }

    // ---- what it hears

    /// Answers to what was under way are lost.
    void onDisconnected() {
        purging.clear();
    }

    /// The image was read anew, and names this broker.
    void onReloaded() {
        if (!run.isActive()) return;
        run.onReloaded();
        eviction.onReloaded();
        seenBrokers.onReloaded();
        host.image().topics().deleting().forEach(this::purge);
    }

    /// The image has changed, and not by what this controller has decided.
    void onDelta(MetadataDelta delta) {
        if (run.isActive()) delta.changes().forEach(this::onChange);
    }

    private void onChange(MetadataChange change) {
        switch (change) {
            case MetadataChange.BrokerRegistered(var broker) ->
                submit(new ControllerInput.BrokerRegistered(broker.id()), new CompletableFuture<>());
            case MetadataChange.BrokerGone(var id) ->
                submit(new ControllerInput.BrokerGone(id), new CompletableFuture<>());
            case MetadataChange.TopicCreated(var topic) ->
                submit(new ControllerInput.TopicChanged(topic.name()), new CompletableFuture<>());
            case MetadataChange.PartitionsAdded added ->
                submit(new ControllerInput.TopicChanged(added.topic()), new CompletableFuture<>());
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

    // ---- what it does

    /// A broker's process is certainly gone: its registration is removed, and its partitions get other leaders.
    void evict(int brokerId, long epoch) {
        boolean known = host.image()
                .broker(brokerId)
                .filter(broker -> broker.epoch() == epoch)
                .isPresent();
        if (run.isActive() && known && brokerId != selfId) eviction.evict(brokerId, epoch);
    }

    private void onEvicted(int brokerId) {
        if (!host.image().isAlive(brokerId)) return;
        MetadataDelta delta = MetadataDelta.of(new MetadataChange.BrokerGone(brokerId));
        host.apply(delta);
        onDelta(delta);
    }

    private void onSeenWritten(SortedMap<Integer, Long> seen) {
        ControllerImage now = host.image().controller();
        if (!run.isActive() || now.brokerId() != selfId) return;
        host.apply(MetadataDelta.of(new MetadataChange.ControllerChanged(
                new ControllerImage(now.brokerId(), now.epoch(), now.epochVersion(), TreePMap.from(seen)))));
        host.onSeen();
    }

    private void purge(String topic) {
        if (!purging.add(topic)) return;
        StoreOp fence = StoreOp.check(Znodes.CONTROLLER_EPOCH, run.epochVersion());
        new TopicPurge(store, turns, topic, fence, () -> {
                    purging.remove(topic);
                    host.apply(MetadataDelta.of(new MetadataChange.TopicDeletionFinished(topic)));
                })
                .start();
    }

    private final class RunHost implements ControllerRun.Host {
        @Override
        public ClusterImage image() {
            return host.image();
        }

        @Override
        public int registrations() {
            return follower.registrations();
        }

        @Override
        public void applyOwn(MetadataDelta delta) {
            host.apply(delta);
        }

        @Override
        public void reload() {
            host.reload();
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
        public void onIdle() {
            host.onIdle();
        }

        @Override
        public void deposed() {
            host.onDeposed();
        }
    }
}
