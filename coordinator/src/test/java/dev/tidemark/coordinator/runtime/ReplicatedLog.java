package dev.tidemark.coordinator.runtime;

import dev.tidemark.protocol.ErrorCode;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// One partition's log on several brokers, as far as a coordinator can notice: a leader that was replaced and does
/// not know it yet goes on appending to its own log, and nothing of that is ever committed.
public final class ReplicatedLog {
    private static final int NOT_LEADER = -1;

    /// A batch, or the end of a transaction.
    private record Entry(
            int epoch, @Nullable LogBatch batch, @Nullable EndMarker marker) {
        /// Whether the listener wants more.
        boolean tell(CoordinatorLog.ReplayListener listener) {
            if (marker != null) return listener.onMarker(marker.producerId(), marker.commit());
            return batch == null || listener.onBatch(batch);
        }
    }

    /// Waits for the high watermark to reach `end`.
    private record Pending(int end, Runnable committed, Runnable failed) {}

    private static final class Replica {
        private final List<Entry> log = new ArrayList<>();
        private final Deque<Pending> pending = new ArrayDeque<>();
        private int highWatermark;

        /// The epoch in which the broker believes that it leads.
        private int servedEpoch = NOT_LEADER;
    }

    private final List<Replica> replicas = new ArrayList<>();
    private final SortedSet<Integer> inSync = new TreeSet<>();
    private final int[] fetchedTo;
    private int leader = -1;
    private int epoch;

    public ReplicatedLog(int brokers) {
        fetchedTo = new int[brokers];
        for (int i = 0; i < brokers; i++) {
            replicas.add(new Replica());
            inSync.add(i);
        }
    }

    public int leader() {
        return leader;
    }

    public boolean believesToLead(int broker) {
        return replicas.get(broker).servedEpoch != NOT_LEADER;
    }

    public boolean isInSync(int broker) {
        return inSync.contains(broker);
    }

    /// Makes `broker`, which is in sync and leads nowhere, the leader of a new epoch. The one before hears of it by
    /// [#resign] only, and is out of sync until it has caught up.
    public int elect(int broker) {
        if (leader >= 0) inSync.remove(leader);
        leader = broker;
        epoch++;
        for (int i = 0; i < fetchedTo.length; i++) fetchedTo[i] = 0;
        replicas.get(broker).servedEpoch = epoch;
        return epoch;
    }

    /// The broker learns that it does not lead.
    public void resign(int broker) {
        Replica replica = replicas.get(broker);
        replica.servedEpoch = NOT_LEADER;
        while (!replica.pending.isEmpty()) replica.pending.remove().failed.run();
    }

    /// The follower cuts its log to where it agrees with the leader's, and copies up to `most` entries.
    public void fetch(int follower, int most) {
        if (believesToLead(follower) || leader < 0) return;
        Replica to = replicas.get(follower);
        Replica from = replicas.get(leader);
        int common = 0;
        while (common < Math.min(to.log.size(), from.log.size())
                && to.log.get(common).equals(from.log.get(common))) common++;
        while (to.log.size() > common) to.log.removeLast();
        while (to.log.size() < Math.min(from.log.size(), common + most)) to.log.add(from.log.get(to.log.size()));
        fetchedTo[follower] = to.log.size();
        to.highWatermark = Math.min(from.highWatermark, to.log.size());
        if (to.log.size() == from.log.size()) inSync.add(follower);
        advance();
    }

    private void advance() {
        Replica replica = replicas.get(leader);
        int committed = replica.log.size();
        for (int broker : inSync) if (broker != leader) committed = Math.min(committed, fetchedTo[broker]);
        replica.highWatermark = Math.max(replica.highWatermark, committed);
        while (!replica.pending.isEmpty() && replica.pending.peek().end <= replica.highWatermark)
            replica.pending.remove().committed.run();
    }

    /// The log as `broker` writes it in the epoch in which it leads now.
    public CoordinatorLog of(int broker) {
        Replica replica = replicas.get(broker);
        int served = replica.servedEpoch;
        return new CoordinatorLog() {
            @Override
            public void append(LogBatch batch, AppendListener listener) {
                append(new Entry(served, batch, null), listener);
            }

            @Override
            public void appendMarker(EndMarker marker, AppendListener listener) {
                append(new Entry(served, null, marker), listener);
            }

            private void append(Entry entry, AppendListener listener) {
                if (replica.servedEpoch != served) {
                    listener.onFailed(ErrorCode.NOT_LEADER_OR_FOLLOWER);
                    return;
                }
                replica.log.add(entry);
                listener.onAppended();
                await(
                        replica,
                        new Pending(
                                replica.log.size(),
                                listener::onCommitted,
                                () -> listener.onFailed(ErrorCode.NOT_LEADER_OR_FOLLOWER)));
            }

            @Override
            public void replay(ReplayListener listener) {
                List<Entry> entries = List.copyOf(replica.log);
                for (Entry entry : entries) if (!entry.tell(listener)) return;
                listener.onEnd();
                if (entries.size() <= replica.highWatermark) listener.onCommitted();
                else await(replica, new Pending(entries.size(), listener::onCommitted, () -> {}));
            }
        };
    }

    private void await(Replica replica, Pending pending) {
        replica.pending.add(pending);
        if (leader >= 0 && replicas.get(leader) == replica) advance();
    }

    /// Entries of `broker` that the leader has too, for messages.
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder("epoch " + epoch + " leader " + leader + " in sync " + inSync);
        for (Replica replica : replicas)
            text.append(" [")
                    .append(replica.log.size())
                    .append(' ')
                    .append(replica.highWatermark)
                    .append(']');
        return text.toString();
    }
}
