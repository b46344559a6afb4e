package dev.tidemark.metadata.image;

import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;

/// A living broker: the content of its ephemeral znode `/brokers/ids/N`.
///
/// `epoch` tells one incarnation from the next (the creation zxid of the znode); it is -1 before the broker is
/// registered.
///
/// @param rack the broker's rack, absent where the cluster knows no racks
/// @param features the supported ranges by name
/// @param stoppedCleanly whether the incarnation before ended with all its data on disk; where it did not, the
///     controller starts new leader epochs for what this broker leads, because its logs may have lost their tails
public record BrokerRegistration(
        int id,
        long epoch,
        List<BrokerEndpoint> endpoints,
        @Nullable String rack,
        SortedMap<String, FeatureRange> features,
        boolean stoppedCleanly) {

    public Optional<BrokerEndpoint> endpoint(String listener) {
        return endpoints.stream().filter(e -> e.listener().equals(listener)).findFirst();
    }

    public BrokerRegistration withEpoch(long newEpoch) {
        return new BrokerRegistration(id, newEpoch, endpoints, rack, features, stoppedCleanly);
    }
}
