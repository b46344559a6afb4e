package dev.tidemark.metadata.control;

import dev.tidemark.metadata.image.ClusterImage;
import dev.tidemark.metadata.image.MetadataDelta;

/// Hears of every change of the cluster's metadata, in order, inside the control plane's serial: it must be quick and
/// must not block. The first call leads from the empty image to the loaded one.
public interface MetadataListener {
    void onDelta(ClusterImage before, ClusterImage after, MetadataDelta delta);
}
