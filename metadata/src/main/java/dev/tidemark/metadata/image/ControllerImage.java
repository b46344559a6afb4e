package dev.tidemark.metadata.image;

import org.pcollections.PSortedMap;
import org.pcollections.TreePMap;

/// Who controls the cluster.
///
/// @param brokerId the controller, or [#NONE]
/// @param epoch the newest controller epoch; it stays when the controller goes
/// @param epochVersion the version of the znode `/controller_epoch`, which fences every write of a controller
/// @param seen the incarnations, by broker, whose coming the controller has seen to
public record ControllerImage(int brokerId, int epoch, int epochVersion, PSortedMap<Integer, Long> seen) {
    public static final int NONE = -1;
    public static final ControllerImage NOBODY = new ControllerImage(NONE, 0, 0);

    /// A controller that has seen to nobody yet.
    public ControllerImage(int brokerId, int epoch, int epochVersion) {
        this(brokerId, epoch, epochVersion, TreePMap.<Integer, Long>empty());
    }

    public boolean isKnown() {
        return brokerId != NONE;
    }

    /// Whether what a broker leads and is in sync with has been decided anew since it came with `brokerEpoch`.
    public boolean hasSeen(int broker, long brokerEpoch) {
        Long epochSeen = seen.get(broker);
        return epochSeen != null && epochSeen == brokerEpoch;
    }
}
