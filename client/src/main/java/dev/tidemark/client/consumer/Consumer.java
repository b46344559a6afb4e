package dev.tidemark.client.consumer;

import dev.tidemark.base.TopicPartition;
import dev.tidemark.base.Uuid;
import dev.tidemark.client.BrokerErrorException;
import dev.tidemark.client.ClientException;
import dev.tidemark.client.OffsetAndMetadata;
import dev.tidemark.client.TimedOutException;
import dev.tidemark.client.admin.AdminClient;
import dev.tidemark.client.cluster.Await;
import dev.tidemark.client.consumer.membership.Membership;
import dev.tidemark.client.network.SocketTransport;
import dev.tidemark.client.network.Transport;
import dev.tidemark.protocol.ErrorCode;
import dev.tidemark.protocol.codec.MalformedException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Reads records: of partitions that it is told ([#assign]), or as a member of a group ([#subscribe]).
///
/// Used by one thread, but for [#wakeup]. What goes on between polls, fetching and heartbeats, is [ConsumerCore]'s,
/// in a serial of its own. Decoding is done by the polling thread, so that nothing else waits for it.
public final class Consumer implements AutoCloseable {
    private static final int CLOSE_MS = 5_000;

    private final ConsumerConfig config;
    private final Transport transport;
    private final AdminClient admin;
    private final ConsumerCore core;
    private final Semaphore signal = new Semaphore(0);
    private RebalanceListener listener = RebalanceListener.NONE;
    private long committedMs = System.nanoTime() / 1_000_000;

    @Nullable
    private FetchedRecords current;

    private Consumer(ConsumerConfig config, Transport transport) {
        this.config = config;
        this.transport = transport;
        this.admin = AdminClient.create(config.client(), transport);
        String memberId = Uuid.random(new SplittableRandom()).toString();
        this.core = new ConsumerCore(config, memberId, transport, admin, signal::release);
    }

    public static Consumer create(ConsumerConfig config) {
        return create(config, new SocketTransport(config.client()));
    }

    static Consumer create(ConsumerConfig config, Transport transport) {
        return new Consumer(config, transport);
    }

    /// Reads exactly these partitions, in no group's turn. Each begins where the group has committed if there is a
    /// group, else by `offsetReset`, unless a seek says where.
    public void assign(Collection<TopicPartition> partitions) throws InterruptedException {
        current = null;
        call(() -> {
            core.assign(partitions);
            return true;
        });
    }

    /// Reads what the group gives to this member.
    public void subscribe(Collection<String> topics, RebalanceListener listener) throws InterruptedException {
        subscribe(new Membership.Subscription(new TreeSet<>(topics), null), listener);
    }

    /// Reads what the group gives to this member of all topics whose name matches as a whole, new ones too.
    public void subscribeToPattern(String regex, RebalanceListener listener) throws InterruptedException {
        subscribe(new Membership.Subscription(new TreeSet<>(), regex), listener);
    }

    private void subscribe(Membership.Subscription subscription, RebalanceListener listener)
            throws InterruptedException {
        if (config.groupId() == null) throw new IllegalStateException("a consumer without a group cannot subscribe");
        this.listener = listener;
        call(() -> {
            core.subscribe(subscription);
            return true;
        });
    }

    /// The partitions that are read now.
    public SortedSet<TopicPartition> assignment() throws InterruptedException {
        return call(core::assignment);
    }

    /// Records that have been fetched, at most `pollRecordsMax`; waits for the first up to `timeout`. Commits what
    /// earlier polls returned where that is configured and due, and tells the listener of rebalances.
    ///
    /// @throws ClientException where reading cannot go on; the next poll tries again
    public List<ConsumerRecord> poll(Duration timeout) throws InterruptedException {
        long deadlineNs = System.nanoTime() + timeout.toNanos();
        call(core::polled);
        commitIfDue();
        while (true) {
            signal.drainPermits();
            runCallbacks();
            ClientException failure = call(core::takeFailure);
            if (failure != null) throw ClientException.here(failure);
            List<ConsumerRecord> records = take();
            if (!records.isEmpty()) return records;
            long leftNs = deadlineNs - System.nanoTime();
            if (leftNs <= 0 || call(core::takeWakeup)) return List.of();
            signal.tryAcquire(leftNs, TimeUnit.NANOSECONDS);
        }
    }

    /// Lets a poll under way, or the next one, return at once. Callable from any thread.
    public void wakeup() {
        core.execute(core::wakeup);
        signal.release();
    }

    private List<ConsumerRecord> take() throws InterruptedException {
        List<ConsumerRecord> records = new ArrayList<>();
        while (records.size() < config.pollRecordsMax()) {
            FetchedRecords fetched = current;
            if (fetched == null) fetched = call(core::nextFetched);
            if (fetched == null) break;
            List<ConsumerRecord> taken = new ArrayList<>();
            boolean hasMore = decode(fetched, config.pollRecordsMax() - records.size(), taken);
            FetchedRecords done = fetched;
            boolean isWanted = call(() -> core.advance(done, hasMore));
            current = hasMore && isWanted ? fetched : null;
            if (isWanted) records.addAll(taken);
        }
        return records;
    }

    private static boolean decode(FetchedRecords fetched, int count, List<ConsumerRecord> taken) {
        try {
            return fetched.take(count, taken);
        } catch (MalformedException damaged) {
            if (!taken.isEmpty()) return true; // What was good comes first; the next poll tells.
            throw new BrokerErrorException(
                    ErrorCode.CORRUPT_MESSAGE,
                    fetched.partition + " at offset " + fetched.nextOffset() + ": " + damaged.getMessage()
                            + "; seek behind it to go on");
        }
    }

    private void runCallbacks() throws InterruptedException {
        for (var next = call(core::nextCallback); next != null; next = call(core::nextCallback)) {
            switch (next) {
                case GroupMember.Callback.Granted(var partitions) -> listener.onAssigned(partitions);
                case GroupMember.Callback.Revoked(var partitions) -> {
                    if (config.autoCommitIntervalMs() > 0) commitQuietly(partitions);
                    listener.onRevoked(partitions);
                    release(partitions);
                }
                case GroupMember.Callback.Lost(var partitions) -> {
                    if (!partitions.isEmpty()) listener.onLost(partitions);
                    release(partitions);
                }
            }
        }
    }

    private void release(SortedSet<TopicPartition> partitions) throws InterruptedException {
        call(() -> {
            core.released(partitions);
            return true;
        });
    }

    private void commitIfDue() throws InterruptedException {
        if (config.groupId() == null || config.autoCommitIntervalMs() == 0) return;
        long nowMs = System.nanoTime() / 1_000_000;
        if (nowMs - committedMs < config.autoCommitIntervalMs()) return;
        committedMs = nowMs;
        Await.whenDone(commitAsync(), (nothing, failure) -> {}); // The next one brings it up to date.
    }

    private void commitQuietly(SortedSet<TopicPartition> partitions) throws InterruptedException {
        Map<TopicPartition, OffsetAndMetadata> offsets = positions();
        offsets.keySet().retainAll(partitions);
        if (offsets.isEmpty()) return;
        try {
            Await.await(commit(offsets), CLOSE_MS);
        } catch (ClientException failure) {
            // Whoever gets the partition reads some records again, as after a crash.
        }
    }

    /// Where each partition will go on: behind what polls have returned.
    public SortedMap<TopicPartition, OffsetAndMetadata> positions() throws InterruptedException {
        return new TreeMap<>(call(core::positions));
    }

    /// The offset of the next record that a poll returns; waits until it is known.
    public long position(TopicPartition partition) throws InterruptedException {
        long deadlineNs = System.nanoTime() + config.client().apiTimeoutMs() * 1_000_000L;
        while (true) {
            signal.drainPermits();
            OffsetAndMetadata known = positions().get(partition);
            if (known != null) return known.offset();
            ClientException failure = call(core::takeFailure);
            if (failure != null) throw ClientException.here(failure);
            if (!signal.tryAcquire(deadlineNs - System.nanoTime(), TimeUnit.NANOSECONDS))
                throw new TimedOutException("the position of " + partition + " could not be learnt");
        }
    }

    /// The next poll begins at `offset`.
    public void seek(TopicPartition partition, long offset) throws InterruptedException {
        if (offset < 0) throw new IllegalArgumentException("offset " + offset);
        call(() -> {
            core.seek(partition, offset);
            return true;
        });
    }

    /// The next poll begins at one end of the log.
    public void seekTo(Collection<TopicPartition> partitions, OffsetReset end) throws InterruptedException {
        call(() -> {
            for (TopicPartition partition : partitions) core.seek(partition, end);
            return true;
        });
    }

    /// Polls return nothing of these until [#resume].
    public void pause(Collection<TopicPartition> partitions) throws InterruptedException {
        call(() -> core.pause(partitions, true));
    }

    public void resume(Collection<TopicPartition> partitions) throws InterruptedException {
        call(() -> core.pause(partitions, false));
    }

    /// How far the reader is behind, by the last fetch: records up to the high watermark. Partitions that have not
    /// been fetched are missing.
    public Map<TopicPartition, Long> lag() throws InterruptedException {
        return call(core::lag);
    }

    /// Commits what polls have returned, and waits until the coordinator has it.
    public void commitSync() throws InterruptedException {
        commitSync(positions());
    }

    /// Waits until the coordinator has it; retries while that makes sense.
    public void commitSync(Map<TopicPartition, OffsetAndMetadata> offsets) throws InterruptedException {
        if (offsets.isEmpty()) return;
        long deadlineNs = System.nanoTime() + config.client().apiTimeoutMs() * 1_000_000L;
        while (true) {
            try {
                Await.await(commit(offsets), config.client().apiTimeoutMs());
                return;
            } catch (ClientException failure) {
                if (!failure.isRetriable() || System.nanoTime() >= deadlineNs) throw failure;
                Thread.sleep(config.client().retryBackoffMs());
            }
        }
    }

    /// Commits what polls have returned, and goes on. No retry: a later commit says more.
    public CompletableFuture<Void> commitAsync() throws InterruptedException {
        Map<TopicPartition, OffsetAndMetadata> offsets = positions();
        return offsets.isEmpty() ? CompletableFuture.completedFuture(null) : commit(offsets);
    }

    private CompletableFuture<Void> commit(Map<TopicPartition, OffsetAndMetadata> offsets) throws InterruptedException {
        return call(() -> core.commit(offsets));
    }

    /// For offsets by time, the log's ends, and what groups have committed.
    public AdminClient admin() {
        return admin;
    }

    /// Commits what polls have returned where that is configured, and leaves the group.
    @Override
    public void close() {
        try {
            if (config.groupId() != null && config.autoCommitIntervalMs() > 0) commitQuietly(assignment());
            Await.await(call(core::leave), CLOSE_MS);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        } catch (ClientException late) {
            // The session will time out.
        }
        core.close();
        admin.close();
        transport.close();
    }

    /// Runs in the core's serial and waits for the result.
    private <T extends @Nullable Object> T call(Supplier<T> task) throws InterruptedException {
        return core.call(task, config.client().apiTimeoutMs());
    }
}
