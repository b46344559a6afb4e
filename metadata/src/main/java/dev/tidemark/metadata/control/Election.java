package dev.tidemark.metadata.control;

import dev.tidemark.base.time.Clock;
import dev.tidemark.metadata.image.ControllerImage;
import dev.tidemark.metadata.json.ControllerJson;
import dev.tidemark.metadata.json.Parsed;
import dev.tidemark.metadata.json.Znodes;
import dev.tidemark.metadata.store.MetadataStore;
import dev.tidemark.metadata.store.StoreOp;
import dev.tidemark.metadata.store.StoredNode;
import dev.tidemark.metadata.store.WriteResult;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Stands for controller: takes the ephemeral `/controller` and the next controller epoch in one multi. Where the
/// controller's process is known to be dead, the same multi removes what its session still holds.
/// Owner: the control plane's serial.
final class Election {
    private static final Logger LOG = LoggerFactory.getLogger(Election.class);

    private final ControlPlaneSettings settings;
    private final MetadataStore store;
    private final Turns turns;
    private final Clock clock;
    private final Consumer<Won> elected;
    private boolean running;

    /// Asked for while one was running, whose reads may be too old to see why.
    private boolean again;

    /// The controller whose process is gone.
    private @Nullable Dead dead;

    /// Rises with each session: what an earlier one began counts for nothing.
    private int generation;

    /// @param removed the former controller's broker, where its registration was removed in the same multi
    record Won(ControllerImage now, Optional<Integer> removed) {}

    /// @param brokerEpoch the epoch of its registration, -1 where it has none
    private record Dead(int brokerId, int controllerEpoch, long brokerEpoch) {}

    Election(ControlPlaneSettings settings, MetadataStore store, Turns turns, Clock clock, Consumer<Won> elected) {
        this.settings = settings;
        this.store = store;
        this.turns = turns;
        this.clock = clock;
        this.elected = elected;
    }

    void cancel() {
        running = false;
        again = false;
        generation++;
    }

    /// The process of this controller is gone, though its session may live on.
    ///
    /// @param brokerEpoch the epoch of its registration, -1 where it has none
    void onDead(ControllerImage controller, long brokerEpoch) {
        dead = new Dead(controller.brokerId(), controller.epoch(), brokerEpoch);
    }

    /// Whether this controller's process is known to be gone.
    boolean isDead(ControllerImage controller) {
        Dead known = dead;
        return known != null && known.brokerId == controller.brokerId() && known.controllerEpoch == controller.epoch();
    }

    /// To be called whenever there seems to be no controller.
    void stand(long session) {
        if (running) {
            again = true;
            return;
        }
        running = true;
        int mine = generation;
        Dead known = dead;
        List<String> paths = new ArrayList<>(List.of(Znodes.CONTROLLER, Znodes.CONTROLLER_EPOCH));
        if (known != null) paths.add(Znodes.broker(known.brokerId));
        turns.onReply(store.getAll(paths), nodes -> {
            if (mine == generation) onRead(session, nodes, known);
        });
    }

    private void onRead(long session, List<Optional<StoredNode>> nodes, @Nullable Dead known) {
        Optional<StoredNode> controller = nodes.get(0);
        Optional<StoredNode> epochNode = nodes.get(1);
        Optional<Integer> epoch = epochNode.flatMap(Election::epochOf);
        if (epoch.isEmpty() || epochNode.isEmpty()) {
            LOG.error("Cannot stand for controller: the znode {} is missing or no number", Znodes.CONTROLLER_EPOCH);
            stop(session);
            return;
        }
        int version = epochNode.get().version();
        if (controller.isEmpty()) {
            take(session, List.of(), Optional.empty(), epoch.get(), version);
            return;
        }
        long owner = controller.get().stat().ephemeralOwner();
        StoreOp remove = StoreOp.delete(Znodes.CONTROLLER, controller.get().version());
        if (owner == session) {
            // The reply to our own multi was lost: it did both.
            win(new Won(new ControllerImage(settings.brokerId(), epoch.get(), version), Optional.empty()));
        } else if (settings.ownPastSession().test(owner)) {
            take(session, List.of(remove), Optional.empty(), epoch.get(), version);
        } else if (known != null && known.controllerEpoch == epoch.get()) {
            Optional<StoreOp> registration = registration(known, nodes.get(2), owner);
            List<StoreOp> removals = new ArrayList<>(List.of(remove));
            registration.ifPresent(removals::add);
            take(session, removals, registration.map(_ -> known.brokerId), epoch.get(), version);
        } else {
            stop(session);
        }
    }

    /// The dead controller's registration, if it is still the one of the same process.
    private static Optional<StoreOp> registration(Dead dead, Optional<StoredNode> node, long session) {
        return node.filter(n -> n.stat().czxid() == dead.brokerEpoch && n.stat().ephemeralOwner() == session)
                .map(n -> StoreOp.delete(Znodes.broker(dead.brokerId), n.version()));
    }

    private void take(long session, List<StoreOp> before, Optional<Integer> removed, int epoch, int epochVersion) {
        List<StoreOp> ops = new ArrayList<>(before);
        ops.add(StoreOp.createEphemeral(Znodes.CONTROLLER, ControllerJson.write(settings.brokerId(), clock.wallMs())));
        ops.add(StoreOp.set(Znodes.CONTROLLER_EPOCH, ControllerJson.writeEpoch(epoch + 1), epochVersion));
        int mine = generation;
        turns.onReply(store.multi(ops), result -> {
            if (mine != generation) return;
            switch (result) {
                case WriteResult.Done _ ->
                    win(new Won(new ControllerImage(settings.brokerId(), epoch + 1, epochVersion + 1), removed));
                case WriteResult.Refused _ -> {
                    running = false;
                    stand(session); // Somebody was faster: see who.
                }
            }
        });
    }

    /// Takes `/controller` away, which this broker holds and whose term is over; in any case runs `then`.
    void leave(int epochVersion, Runnable then) {
        List<StoreOp> ops = List.of(
                StoreOp.check(Znodes.CONTROLLER_EPOCH, epochVersion),
                StoreOp.delete(Znodes.CONTROLLER, StoreOp.ANY_VERSION));
        turns.onReply(store.multi(ops), _ -> then.run(), _ -> then.run());
    }

    private void win(Won won) {
        running = false;
        again = false;
        dead = null;
        elected.accept(won);
    }

    /// Another broker is the controller.
    private void stop(long session) {
        running = false;
        if (!again) return;
        again = false;
        stand(session);
    }

    private static Optional<Integer> epochOf(StoredNode node) {
        return ControllerJson.parseEpoch(node.data()) instanceof Parsed.Good<Integer>(var epoch)
                ? Optional.of(epoch)
                : Optional.empty();
    }
}
