package dev.tidemark.broker.replica;

import dev.tidemark.base.time.Loop;
import dev.tidemark.broker.partition.FollowingListener;
import dev.tidemark.broker.partition.Partition;
import dev.tidemark.broker.peer.PeerPurpose;
import dev.tidemark.broker.peer.Peers;
import dev.tidemark.broker.throttle.Throttle;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/// All copying from other brokers to this one: a [ReplicaFetcher] for each leader.
///
/// Owner: its monitor, held shortly. Callable from any thread. Life cycle: [#close] once, before the partitions close.
public final class ReplicaFetchers implements FollowingListener {
    private final int selfId;
    private final FetcherSettings settings;
    private final ReplicaFetcher.Exchange exchange;
    private final LongSupplier brokerEpoch;
    private final Throttle throttle;
    private final IntFunction<Loop> loops;
    private final Map<Integer, ReplicaFetcher> byLeader = new HashMap<>();
    private final Map<Followed.Key, ReplicaFetcher> routes = new HashMap<>();
    private boolean closed;

    /// @param brokerEpoch of this broker's last registration, -1 before it has one
    /// @param loops the loop of the connection to a broker, by its id
    public ReplicaFetchers(
            int selfId,
            FetcherSettings settings,
            Peers peers,
            LongSupplier brokerEpoch,
            Throttle throttle,
            IntFunction<Loop> loops) {
        this(
                selfId,
                settings,
                (leaderId, request, timeoutMs) -> peers.send(leaderId, PeerPurpose.FETCH, request, timeoutMs),
                brokerEpoch,
                throttle,
                loops);
    }

    ReplicaFetchers(
            int selfId,
            FetcherSettings settings,
            ReplicaFetcher.Exchange exchange,
            LongSupplier brokerEpoch,
            Throttle throttle,
            IntFunction<Loop> loops) {
        this.selfId = selfId;
        this.settings = settings;
        this.exchange = exchange;
        this.brokerEpoch = brokerEpoch;
        this.throttle = throttle;
        this.loops = loops;
    }

    @Override
    public synchronized void onFollow(Partition partition, int leaderId, int leaderEpoch) {
        if (closed) return;
        ReplicaFetcher fetcher = byLeader.computeIfAbsent(leaderId, this::fetcher);
        ReplicaFetcher before = routes.put(Followed.Key.of(partition), fetcher);
        if (before != null && before != fetcher) before.remove(partition);
        fetcher.add(partition);
    }

    @Override
    public synchronized void onStopFollowing(Partition partition) {
        ReplicaFetcher fetcher = routes.remove(Followed.Key.of(partition));
        if (fetcher != null) fetcher.remove(partition);
    }

    private ReplicaFetcher fetcher(int leaderId) {
        return new ReplicaFetcher(leaderId, selfId, settings, exchange, brokerEpoch, throttle, loops.apply(leaderId));
    }

    /// A broker has registered.
    public void onRegistered(int brokerId) {
        ReplicaFetcher fetcher = fetcherOf(brokerId);
        if (fetcher != null) fetcher.wake();
    }

    private synchronized @Nullable ReplicaFetcher fetcherOf(int leaderId) {
        return byLeader.get(leaderId);
    }

    /// Fetches nothing more. Answers that come later are left alone.
    public void close() {
        List<ReplicaFetcher> all;
        synchronized (this) {
            closed = true;
            all = new ArrayList<>(byLeader.values());
            byLeader.clear();
            routes.clear();
        }
        all.forEach(ReplicaFetcher::close);
    }
}
