package dev.tidemark.metadata.control;

import dev.tidemark.base.Bytes;
import dev.tidemark.base.time.Loop;
import dev.tidemark.metadata.image.BrokerEndpoint;
import dev.tidemark.metadata.image.BrokerRegistration;
import dev.tidemark.metadata.json.BrokerJson;
import dev.tidemark.metadata.json.Parsed;
import dev.tidemark.metadata.json.Znodes;
import dev.tidemark.metadata.store.MetadataStore;
import dev.tidemark.metadata.store.StoreOp;
import dev.tidemark.metadata.store.StoredNode;
import dev.tidemark.metadata.store.WriteResult;
import dev.tidemark.protocol.ErrorCode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The broker's ephemeral znode. Where one is there already, it is replaced if an earlier process of this same broker
/// certainly left it behind; otherwise it is waited for, because its owner may be alive.
///
/// Owner: the control plane's serial.
final class Registration {
    private static final Logger LOG = LoggerFactory.getLogger(Registration.class);

    private final ControlPlaneSettings settings;
    private final MetadataStore store;
    private final Turns turns;
    private final Loop loop;
    private final Consumer<BrokerRegistration> registered;
    private final Consumer<RefusedException> refused;
    private @Nullable BrokerRegistration self;
    private long session = -1;
    private Loop.@Nullable Timer deadline;
    private boolean waiting;
    private boolean done;

    Registration(
            ControlPlaneSettings settings,
            MetadataStore store,
            Turns turns,
            Loop loop,
            Consumer<BrokerRegistration> registered,
            Consumer<RefusedException> refused) {
        this.settings = settings;
        this.store = store;
        this.turns = turns;
        this.loop = loop;
        this.registered = registered;
        this.refused = refused;
    }

    /// Registers in `sessionId`; `registered` hears of it, with the broker's epoch.
    void start(BrokerRegistration broker, long sessionId) {
        self = broker;
        session = sessionId;
        waiting = false;
        done = false;
        attempt();
    }

    void cancel() {
        done = true;
        cancelDeadline();
    }

    /// The registration that stood in the way may be gone.
    void onBrokerGone() {
        if (!waiting || done) return;
        waiting = false;
        attempt();
    }

    private void attempt() {
        long mine = session;
        turns.onReply(store.get(path()), node -> {
            if (done || mine != session) return;
            if (node.isEmpty()) create(List.of());
            else onExisting(node.get());
        });
    }

    private void onExisting(StoredNode node) {
        long owner = node.stat().ephemeralOwner();
        if (owner == session) onOwn(node);
        else if (settings.ownPastSession().test(owner)) create(List.of(StoreOp.delete(path(), node.version())));
        else waitFor(node);
    }

    /// Written by this session: just now, or earlier by an attempt whose answer was lost. That one may say what is not
    /// true any more, and nobody would notice: the image is told what this broker means to have written.
    private void onOwn(StoredNode node) {
        BrokerRegistration wanted = self().withEpoch(node.stat().czxid());
        boolean isTrue = BrokerJson.parse(settings.brokerId(), wanted.epoch(), node.data())
                        instanceof Parsed.Good<BrokerRegistration>(var written)
                && written.equals(wanted);
        if (isTrue) {
            succeed(wanted.epoch());
            return;
        }
        long mine = session;
        StoreOp op = StoreOp.set(path(), BrokerJson.write(wanted, loop.clock().wallMs()), node.version());
        turns.onReply(store.write(op), result -> {
            if (done || mine != session) return;
            if (result.isDone()) succeed(wanted.epoch());
            else attempt();
        });
    }

    private void create(List<StoreOp> before) {
        List<StoreOp> ops = new ArrayList<>(before);
        ops.add(StoreOp.createEphemeral(
                path(), BrokerJson.write(self(), loop.clock().wallMs())));
        ops.add(StoreOp.set(Znodes.BROKER_SEQUENCE, Bytes.EMPTY, StoreOp.ANY_VERSION)); // See BrokerEviction.
        long mine = session;
        turns.onReply(store.multi(ops), result -> {
            if (done || mine != session) return;
            if (result instanceof WriteResult.Refused(var index, var path, var reason)
                    && index >= before.size()
                    && reason != WriteResult.Reason.NODE_EXISTS) {
                fail(ErrorCode.UNKNOWN_SERVER_ERROR, "ZooKeeper refused to write " + path + ": " + reason);
            } else {
                attempt(); // To learn the epoch, or who was faster.
            }
        });
    }

    /// Writes another state of the same incarnation; runs `then` once it is written. Nothing is run where it cannot be
    /// known: whoever waits asks again when the image has been read anew.
    void rewrite(BrokerRegistration changed, Runnable then) {
        long mine = session;
        StoreOp op = StoreOp.set(path(), BrokerJson.write(changed, loop.clock().wallMs()), StoreOp.ANY_VERSION);
        turns.onReply(store.write(op), result -> {
            // What is being registered meanwhile, after that one was removed, is newer.
            if (mine == session && done && result.isDone()) then.run();
        });
    }

    private void waitFor(StoredNode node) {
        waiting = true;
        if (deadline != null) return;
        String other = describe(node);
        LOG.warn(
                "Broker {} is registered already ({}): waiting up to {} ms for that registration to end",
                settings.brokerId(),
                other,
                settings.registrationWaitMs());
        deadline = loop.runAfter(
                settings.registrationWaitMs(),
                () -> turns.run(() -> fail(
                        ErrorCode.DUPLICATE_BROKER_REGISTRATION,
                        "Another broker is registered with broker.id " + settings.brokerId() + " (" + other
                                + "). Give this broker an id of its own, or stop the other one.")));
    }

    private String describe(StoredNode node) {
        String session = "ZooKeeper session 0x" + Long.toHexString(node.stat().ephemeralOwner());
        Parsed<BrokerRegistration> other = BrokerJson.parse(settings.brokerId(), 0, node.data());
        Optional<BrokerEndpoint> endpoint = other instanceof Parsed.Good<BrokerRegistration>(var broker)
                ? broker.endpoints().stream().findFirst()
                : Optional.empty();
        return endpoint.map(e -> "at " + e.connectionString() + ", " + session).orElse(session);
    }

    private void succeed(long epoch) {
        done = true;
        cancelDeadline();
        registered.accept(self().withEpoch(epoch));
    }

    private void fail(ErrorCode error, String message) {
        if (done) return;
        done = true;
        cancelDeadline();
        refused.accept(new RefusedException(error, message));
    }

    private void cancelDeadline() {
        if (deadline != null) deadline.cancel();
        deadline = null;
    }

    private String path() {
        return Znodes.broker(settings.brokerId());
    }

    private BrokerRegistration self() {
        BrokerRegistration broker = self;
        if (broker == null) throw new IllegalStateException("not started");
        return broker;
    }
}
