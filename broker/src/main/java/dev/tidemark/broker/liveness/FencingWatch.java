package dev.tidemark.broker.liveness;

import dev.tidemark.base.time.Loop;
import dev.tidemark.metadata.image.ClusterImage;
import dev.tidemark.protocol.ErrorCode;
import dev.tidemark.protocol.message.BrokerHeartbeatRequest;
import dev.tidemark.protocol.message.BrokerHeartbeatResponse;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Whether this broker's registration is gone without its having heard so: others may lead what it led.
///
/// A leader that is cut from ZooKeeper only would go on acknowledging with acks=1 what its successor never gets. It
/// cannot tell by itself: where ZooKeeper has no majority nobody can be deposed, and all leaders are to go on. So a
/// broker that does not follow the metadata asks the others, one after the other, whether they see its incarnation
/// (BrokerHeartbeat). Only STALE_BROKER_EPOCH counts, which nobody says who does not follow the metadata itself;
/// silence changes nothing. A session that it has given up, as nobody answered for so long, may live: so it asks
/// then, too, and is fenced for that only when the store answers in another session.
///
/// It is over when this broker follows the metadata again, is registered, and its replicas have their roles.
///
/// Owner: its loop; [#isFenced] from any thread. Life cycle: [#begin] once the broker is registered, [#close].
public final class FencingWatch {
    private static final Logger LOG = LoggerFactory.getLogger(FencingWatch.class);
    private static final long INTERVAL_MS = 500;

    /// This broker's place in the cluster, as it knows it. From any thread.
    public interface Membership {
        /// Whether the store answers.
        boolean isConnected();

        /// Whether the image follows the store.
        boolean isCurrent();

        /// Whether this broker's session holds its registration, as far as it knows.
        boolean isRegistered();

        /// Of its last registration; the others may know of no newer one.
        long lastBrokerEpoch();

        ClusterImage image();
    }

    /// How another broker is asked.
    public interface Question {
        CompletableFuture<BrokerHeartbeatResponse> ask(int brokerId, BrokerHeartbeatRequest request);
    }

    private final int selfId;
    private final Membership membership;
    private final Question question;
    private final Loop loop;
    private volatile boolean isFenced;
    private @Nullable Consumer<Runnable> afterRoles;
    private int lastAsked;
    /// Counts what was found out: what is to end a fencing must not end a later one.
    private int findings;

    public FencingWatch(int selfId, Membership membership, Question question, Loop loop) {
        this.selfId = selfId;
        this.membership = membership;
        this.question = question;
        this.loop = loop;
    }

    /// @param afterRoles runs a task when all that the metadata said of roles before is carried out
    public void begin(Consumer<Runnable> afterRoles) {
        loop.run(() -> {
            this.afterRoles = afterRoles;
            tick();
        });
    }

    public void close() {
        loop.run(() -> afterRoles = null);
    }

    public boolean isFenced() {
        return isFenced;
    }

    /// The metadata tells of brokers: perhaps of this one.
    public void onBrokersChange() {
        loop.run(this::look);
    }

    private void tick() {
        if (afterRoles == null) return;
        look();
        var _ = loop.runAfter(INTERVAL_MS, this::tick);
    }

    private void look() {
        Consumer<Runnable> roles = afterRoles;
        if (roles == null) return;
        boolean isRegistered = membership.isRegistered();
        long epoch = membership.lastBrokerEpoch();
        if (!isRegistered && membership.isConnected()) {
            fence("its session with the metadata store is over");
        } else if (!membership.isCurrent()) {
            askNext(epoch);
        } else if (isFenced && isRegistered && isKnown(epoch)) {
            int known = ++findings;
            roles.accept(() -> loop.run(() -> unfence(known)));
        }
    }

    private boolean isKnown(long epoch) {
        return membership
                .image()
                .broker(selfId)
                .filter(broker -> broker.epoch() == epoch)
                .isPresent();
    }

    private void askNext(long epoch) {
        TreeSet<Integer> others = new TreeSet<>(membership.image().brokers().keySet());
        others.remove(selfId);
        if (others.isEmpty()) return;
        Integer next = others.higher(lastAsked);
        int asked = next == null ? others.first() : next;
        lastAsked = asked;
        BrokerHeartbeatRequest request = BrokerHeartbeatRequest.builder()
                .brokerId(selfId)
                .brokerEpoch(epoch)
                .build();
        var _ = question.ask(asked, request).whenComplete((answer, _) -> {
            if (answer != null && answer.errorCode() == ErrorCode.STALE_BROKER_EPOCH.code())
                loop.run(() -> onStale(epoch, asked));
        });
    }

    private void onStale(long epoch, int teller) {
        boolean isLate = membership.isCurrent() || membership.lastBrokerEpoch() != epoch;
        if (!isLate && afterRoles != null)
            fence("it does not reach the metadata store, and broker " + teller + " does not know its registration");
    }

    private void fence(String why) {
        findings++;
        if (!isFenced) LOG.warn("This broker is fenced: {}. Its partitions refuse clients.", why);
        isFenced = true;
    }

    private void unfence(int known) {
        if (known != findings || !isFenced) return;
        isFenced = false;
        LOG.info("This broker is registered and no longer fenced.");
    }
}
