package dev.tidemark.broker.fetch;

import dev.tidemark.broker.cluster.ClusterView;
import dev.tidemark.protocol.ErrorCode;
import java.util.Optional;

/// Who may fetch as a replica: a living broker, in its present incarnation, over the listener that is for brokers. A
/// client that poses as one would move the high watermark (CVE-2018-1288).
public final class ReplicaAccess {
    private static final long NO_EPOCH = -1;

    private final ClusterView cluster;
    private final Optional<String> innerListener;

    /// @param innerListener `inter.broker.listener.name`, empty where one listener is for all
    public ReplicaAccess(ClusterView cluster, Optional<String> innerListener) {
        this.cluster = cluster;
        this.innerListener = innerListener;
    }

    /// @param brokerEpoch that the fetcher gives; before version 15 of Fetch there is none, and nobody may
    ErrorCode check(String listener, int brokerId, long brokerEpoch) {
        boolean isInside = innerListener.isEmpty() || innerListener.get().equals(listener);
        if (!isInside || brokerEpoch == NO_EPOCH) return ErrorCode.CLUSTER_AUTHORIZATION_FAILED;
        // This broker may hear of the other's registration late: then the other comes again.
        return cluster.isAlive(brokerId, brokerEpoch) ? ErrorCode.NONE : ErrorCode.STALE_BROKER_EPOCH;
    }
}
