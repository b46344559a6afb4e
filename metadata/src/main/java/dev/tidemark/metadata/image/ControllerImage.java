package dev.tidemark.metadata.image;

/// Who controls the cluster.
///
/// @param brokerId the controller, or [#NONE]
/// @param epoch the newest controller epoch; it stays when the controller goes
/// @param epochVersion the version of the znode `/controller_epoch`, which fences every write of a controller
public record ControllerImage(int brokerId, int epoch, int epochVersion) {
    public static final int NONE = -1;
    public static final ControllerImage NOBODY = new ControllerImage(NONE, 0, 0);

    public boolean isKnown() {
        return brokerId != NONE;
    }
}
