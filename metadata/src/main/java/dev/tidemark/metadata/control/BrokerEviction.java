package dev.tidemark.metadata.control;

import dev.tidemark.metadata.json.Znodes;
import dev.tidemark.metadata.store.MetadataStore;
import dev.tidemark.metadata.store.StoreOp;
import dev.tidemark.metadata.store.StoredNode;
import dev.tidemark.metadata.store.WriteResult;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.IntConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Removes, as the controller, the registrations of brokers whose processes are gone while their sessions live on.
///
/// A znode's versions begin anew with each incarnation, and ZooKeeper can compare nothing else. So every registration
/// also writes `/brokers/seqid`, and a removal checks that this has not moved since the registration was read: a new
/// incarnation is never removed in the place of an old one.
///
/// Owner: the control plane's serial.
final class BrokerEviction {
    private static final Logger LOG = LoggerFactory.getLogger(BrokerEviction.class);
    private static final int ATTEMPTS_MAX = 20;

    private final MetadataStore store;
    private final Turns turns;
    private final IntConsumer evicted;
    private final SortedMap<Integer, Long> dead = new TreeMap<>();
    private boolean active;
    private int epochVersion;
    private int term;

    /// @param evicted hears of a broker whose registration was removed
    BrokerEviction(MetadataStore store, Turns turns, IntConsumer evicted) {
        this.store = store;
        this.turns = turns;
        this.evicted = evicted;
    }

    void begin(int controllerEpochVersion) {
        end();
        active = true;
        epochVersion = controllerEpochVersion;
    }

    void end() {
        active = false;
        term++;
        dead.clear();
    }

    void evict(int brokerId, long brokerEpoch) {
        Long before = dead.put(brokerId, brokerEpoch);
        if (before != null && before == brokerEpoch) return; // It is under way.
        LOG.info("The process of broker {} (epoch {}) is gone: removing its registration", brokerId, brokerEpoch);
        attempt(brokerId, brokerEpoch, 1);
    }

    /// What was under way may not have been answered.
    void onReloaded() {
        if (!active) return;
        term++;
        new TreeMap<>(dead).forEach((brokerId, brokerEpoch) -> attempt(brokerId, brokerEpoch, 1));
    }

    private void attempt(int brokerId, long brokerEpoch, int number) {
        int mine = term;
        String path = Znodes.broker(brokerId);
        turns.onReply(store.getAll(List.of(path, Znodes.BROKER_SEQUENCE)), nodes -> {
            if (mine != term) return;
            Optional<StoredNode> node = nodes.get(0).filter(n -> n.stat().czxid() == brokerEpoch);
            if (node.isEmpty() || number > ATTEMPTS_MAX) {
                dead.remove(brokerId, brokerEpoch); // Gone by itself, or come back: the image hears of it.
                return;
            }
            int sequence = nodes.get(1).map(StoredNode::version).orElse(StoreOp.ANY_VERSION);
            List<StoreOp> ops = List.of(
                    StoreOp.check(Znodes.CONTROLLER_EPOCH, epochVersion),
                    StoreOp.check(Znodes.BROKER_SEQUENCE, sequence),
                    StoreOp.delete(path, node.get().version()));
            turns.onReply(store.multi(ops), result -> onResult(mine, brokerId, brokerEpoch, number, result));
        });
    }

    private void onResult(int mine, int brokerId, long brokerEpoch, int number, WriteResult result) {
        if (mine != term) return;
        if (result instanceof WriteResult.Refused(var index, var _, var _)) {
            if (index == 0) return; // A newer controller is there, and the image will say so.
            attempt(brokerId, brokerEpoch, number + 1);
            return;
        }
        dead.remove(brokerId, brokerEpoch);
        evicted.accept(brokerId);
    }
}
