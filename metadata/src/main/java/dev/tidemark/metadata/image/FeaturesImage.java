package dev.tidemark.metadata.image;

import org.pcollections.PSortedMap;
import org.pcollections.TreePMap;

/// The finalized features of the cluster.
///
/// @param epoch rises with each change (the version of the znode `/feature`); -1 where there is none
public record FeaturesImage(PSortedMap<String, FeatureRange> finalized, int epoch) {
    public static final FeaturesImage NONE = new FeaturesImage(TreePMap.<String, FeatureRange>empty(), -1);

    /// The finalized level of a feature, 0 where it is off.
    public int level(String feature) {
        FeatureRange range = finalized.get(feature);
        return range == null ? 0 : range.maxVersion();
    }
}
