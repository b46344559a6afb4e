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
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Stands for controller: takes the ephemeral `/controller` and the next controller epoch in one multi.
/// Owner: the control plane's serial.
final class Election {
    private static final Logger LOG = LoggerFactory.getLogger(Election.class);

    private final ControlPlaneSettings settings;
    private final MetadataStore store;
    private final Turns turns;
    private final Clock clock;
    private final Consumer<ControllerImage> elected;
    private boolean running;

    /// Rises with each session: what an earlier one began counts for nothing.
    private int generation;

    Election(
            ControlPlaneSettings settings,
            MetadataStore store,
            Turns turns,
            Clock clock,
            Consumer<ControllerImage> elected) {
        this.settings = settings;
        this.store = store;
        this.turns = turns;
        this.clock = clock;
        this.elected = elected;
    }

    void cancel() {
        running = false;
        generation++;
    }

    /// To be called whenever there seems to be no controller.
    void stand(long session) {
        if (running) return;
        running = true;
        int mine = generation;
        turns.onReply(store.getAll(List.of(Znodes.CONTROLLER, Znodes.CONTROLLER_EPOCH)), nodes -> {
            if (mine == generation) onRead(session, nodes.get(0), nodes.get(1));
        });
    }

    private void onRead(long session, Optional<StoredNode> controller, Optional<StoredNode> epochNode) {
        Optional<Integer> epoch = epochNode.flatMap(Election::epochOf);
        if (epoch.isEmpty() || epochNode.isEmpty()) {
            LOG.error("Cannot stand for controller: the znode {} is missing or no number", Znodes.CONTROLLER_EPOCH);
            running = false;
            return;
        }
        int version = epochNode.get().version();
        if (controller.isEmpty()) {
            take(session, List.of(), epoch.get(), version);
            return;
        }
        long owner = controller.get().stat().ephemeralOwner();
        if (owner == session) {
            running = false; // The reply to our own multi was lost: it did both.
            elected.accept(new ControllerImage(settings.brokerId(), epoch.get(), version));
        } else if (settings.ownPastSession().test(owner)) {
            StoreOp remove = StoreOp.delete(Znodes.CONTROLLER, controller.get().version());
            take(session, List.of(remove), epoch.get(), version);
        } else {
            running = false;
        }
    }

    private void take(long session, List<StoreOp> before, int epoch, int epochVersion) {
        List<StoreOp> ops = new ArrayList<>(before);
        ops.add(StoreOp.createEphemeral(Znodes.CONTROLLER, ControllerJson.write(settings.brokerId(), clock.wallMs())));
        ops.add(StoreOp.set(Znodes.CONTROLLER_EPOCH, ControllerJson.writeEpoch(epoch + 1), epochVersion));
        int mine = generation;
        turns.onReply(store.multi(ops), result -> {
            if (mine != generation) return;
            running = false;
            switch (result) {
                case WriteResult.Done _ ->
                    elected.accept(new ControllerImage(settings.brokerId(), epoch + 1, epochVersion + 1));
                case WriteResult.Refused _ -> stand(session); // Somebody was faster: see who.
            }
        });
    }

    private static Optional<Integer> epochOf(StoredNode node) {
        return ControllerJson.parseEpoch(node.data()) instanceof Parsed.Good<Integer>(var epoch)
                ? Optional.of(epoch)
                : Optional.empty();
    }
}
