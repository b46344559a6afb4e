package dev.tidemark.metadata.control;

import dev.tidemark.base.time.Clock;
import dev.tidemark.metadata.image.ClusterImage;
import dev.tidemark.metadata.json.ControllerJson;
import dev.tidemark.metadata.json.Znodes;
import dev.tidemark.metadata.store.MetadataStore;
import dev.tidemark.metadata.store.StoreOp;
import dev.tidemark.metadata.store.WriteResult;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.Supplier;

/// What the controller says in its own znode: which incarnations of which brokers it has seen to. A broker that has
/// just come waits for it, because until then the image may tell it to lead what only its former process could.
///
/// Owner: the control plane's serial.
final class SeenBrokers {
    private final int self;
    private final MetadataStore store;
    private final Turns turns;
    private final Clock clock;
    private final Supplier<ClusterImage> image;
    private final Consumer<SortedMap<Integer, Long>> written;
    private final SortedMap<Integer, Long> seen = new TreeMap<>();
    private boolean active;
    private int epochVersion;
    private boolean writing;
    private boolean dirty;

    /// Rises with each term: what an earlier one wrote counts for nothing.
    private int term;

    /// @param written hears of what was written
    SeenBrokers(
            int self,
            MetadataStore store,
            Turns turns,
            Clock clock,
            Supplier<ClusterImage> image,
            Consumer<SortedMap<Integer, Long>> written) {
        this.self = self;
        this.store = store;
        this.turns = turns;
        this.clock = clock;
        this.image = image;
        this.written = written;
    }

    void begin(int controllerEpochVersion) {
        end();
        active = true;
        epochVersion = controllerEpochVersion;
    }

    void end() {
        active = false;
        writing = false;
        dirty = false;
        term++;
        seen.clear();
    }

    void add(int brokerId, long brokerEpoch) {
        if (!active) return;
        Long before = seen.put(brokerId, brokerEpoch);
        if (before != null && before == brokerEpoch) return;
        dirty = true;
        write();
    }

    /// What was under way may not have been answered.
    void onReloaded() {
        if (!active) return;
        writing = false;
        write();
    }

    private void write() {
        if (writing || !dirty) return;
        writing = true;
        dirty = false;
        int mine = term;
        seen.keySet().removeIf(broker -> !image.get().isAlive(broker));
        SortedMap<Integer, Long> now = new TreeMap<>(seen);
        List<StoreOp> ops = List.of(
                StoreOp.check(Znodes.CONTROLLER_EPOCH, epochVersion),
                StoreOp.set(Znodes.CONTROLLER, ControllerJson.write(self, clock.wallMs(), now), StoreOp.ANY_VERSION));
        turns.onReply(store.multi(ops), result -> onResult(mine, now, result), _ -> onSilence(mine));
    }

    private void onSilence(int mine) {
        if (mine == term) dirty = true; // Connected again, this is written again.
    }

    private void onResult(int mine, SortedMap<Integer, Long> now, WriteResult result) {
        if (mine != term) return;
        writing = false;
        if (!result.isDone()) return; // Somebody else is the controller, and the image will say so.
        written.accept(now);
        write();
    }
}
