package dev.tidemark.metadata.image;

import dev.tidemark.base.Uuid;
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
///     controller takes this broker out of every ISR that has another member, because its logs may have lost their
///     tails
/// @param shuttingDown whether the broker is about to stop: it leads nothing that another could lead, and joins no ISR
/// @param offline its replicas that cannot work, because their log directories have failed: they lead nothing, and
///     leave every ISR that has another member
public record BrokerRegistration(
        int id,
        long epoch,
        List<BrokerEndpoint> endpoints,
        @Nullable String rack,
        SortedMap<String, FeatureRange> features,
        boolean stoppedCleanly,
        boolean shuttingDown,
        OfflineReplicas offline) {

    public BrokerRegistration(
            int id,
            long epoch,
            List<BrokerEndpoint> endpoints,
            @Nullable String rack,
            SortedMap<String, FeatureRange> features,
            boolean stoppedCleanly) {
        this(id, epoch, endpoints, rack, features, stoppedCleanly, false, OfflineReplicas.NONE);
    }

    public Optional<BrokerEndpoint> endpoint(String listener) {
        return endpoints.stream().filter(e -> e.listener().equals(listener)).findFirst();
    }

    public BrokerRegistration withEpoch(long newEpoch) {
        return new BrokerRegistration(id, newEpoch, endpoints, rack, features, stoppedCleanly, shuttingDown, offline);
    }

    /// The same incarnation, once the consequences of its unclean stop have been drawn.
    public BrokerRegistration toSeen() {
        return new BrokerRegistration(id, epoch, endpoints, rack, features, true, shuttingDown, offline);
    }

    /// The same incarnation on its way out.
    public BrokerRegistration toShuttingDown() {
        return new BrokerRegistration(id, epoch, endpoints, rack, features, stoppedCleanly, true, offline);
    }

    /// The same incarnation with other replicas that cannot work.
    public BrokerRegistration withOffline(OfflineReplicas now) {
        return new BrokerRegistration(id, epoch, endpoints, rack, features, stoppedCleanly, shuttingDown, now);
    }

    /// Whether this broker's replica of the partition cannot work.
    public boolean isOffline(Uuid topicId, int partition) {
        return offline.contains(topicId, partition);
    }
}
