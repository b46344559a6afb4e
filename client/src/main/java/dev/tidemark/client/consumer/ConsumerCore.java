package dev.tidemark.client.consumer;

import dev.tidemark.base.TopicPartition;
import dev.tidemark.base.serial.Serial;
import dev.tidemark.client.BrokerErrorException;
import dev.tidemark.client.ClientException;
import dev.tidemark.client.ClosedException;
import dev.tidemark.client.OffsetAndMetadata;
import dev.tidemark.client.TimedOutException;
import dev.tidemark.client.admin.AdminClient;
import dev.tidemark.client.admin.OffsetAdmin;
import dev.tidemark.client.admin.Result;
import dev.tidemark.client.cluster.Await;
import dev.tidemark.client.cluster.Backoff;
import dev.tidemark.client.cluster.ClusterClient;
import dev.tidemark.client.cluster.ThreadLoop;
import dev.tidemark.client.consumer.membership.Membership;
import dev.tidemark.client.network.Transport;
import dev.tidemark.protocol.ErrorCode;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// The consumer's inside: positions, fetches, membership. Owner: its serial, in which every method runs but [#execute]
/// and [#call]; `onNews` wakes the polling thread.
final class ConsumerCore implements Fetcher.Events, GroupMember.Events {
    private final ConsumerConfig config;
    private final AdminClient admin;
    private final ClusterClient cluster;
    private final ThreadLoop loop = new ThreadLoop("tidemark-consumer");
    private final Serial serial;
    private final Positions positions = new Positions();
    private final Fetcher fetcher;
    private final Backoff backoff;
    private final Runnable onNews;
    private final @Nullable GroupMember member;
    private boolean isRefreshing;
    private boolean isWokenUp;
    private boolean isClosed;
    private int refreshFailures;

    @Nullable
    private ClientException failure;

    @Nullable
    private volatile Throwable bug;

    ConsumerCore(ConsumerConfig config, String freshMemberId, Transport transport, AdminClient admin, Runnable onNews) {
        this.config = config;
        this.admin = admin;
        this.onNews = onNews;
        this.cluster = new ClusterClient(config.client(), transport);
        this.backoff = Backoff.of(config.client());
        this.serial = new Serial(loop, this::onBug);
        this.fetcher = new Fetcher(config, cluster, loop, this::execute, positions, this);
        String groupId = config.groupId();
        this.member = groupId == null
                ? null
                : new GroupMember(config, groupId, freshMemberId, cluster, loop, this::execute, this);
    }

    private void onBug(Throwable thrown) {
        bug = thrown;
        onNews.run();
    }

    /// In turn; what comes after a bug is dropped.
    void execute(Runnable task) {
        try {
            serial.execute(task);
        } catch (Serial.StoppedException stopped) {
            onNews.run();
        }
    }

    /// In turn; waits for the result.
    <T extends @Nullable Object> T call(Supplier<T> task, long timeoutMs) throws InterruptedException {
        CompletableFuture<T> result = new CompletableFuture<>();
        try {
            serial.execute(() -> {
                try {
                    result.complete(task.get());
                } catch (IllegalStateException misuse) {
                    result.completeExceptionally(misuse);
                }
            });
            return result.get(timeoutMs, TimeUnit.MILLISECONDS);
        } catch (Serial.StoppedException stopped) {
            throw new ClosedException("the consumer failed: " + bug);
        } catch (TimeoutException late) {
            throw new TimedOutException("the consumer did not come to it within " + timeoutMs + " ms: " + bug);
        } catch (ExecutionException failed) {
            throw new IllegalStateException(failed.getCause());
        }
    }

    // What is read.

    void assign(Collection<TopicPartition> partitions) {
        positions.assign(partitions);
        refresh();
        lookUp();
    }

    void subscribe(Membership.Subscription subscription) {
        if (member != null) member.subscribe(subscription);
    }

    SortedSet<TopicPartition> assignment() {
        return positions.partitions();
    }

    void seek(TopicPartition partition, long offset) {
        positions.seek(partition, offset, -1);
        fetcher.fetch();
    }

    void seek(TopicPartition partition, OffsetReset end) {
        positions.seek(partition, end);
        lookUp();
    }

    boolean pause(Collection<TopicPartition> partitions, boolean isPaused) {
        for (TopicPartition partition : partitions) positions.require(partition).isPaused = isPaused;
        fetcher.fetch();
        return isPaused;
    }

    Map<TopicPartition, OffsetAndMetadata> positions() {
        Map<TopicPartition, OffsetAndMetadata> known = new TreeMap<>();
        for (TopicPartition partition : positions.matching(position -> position.offset >= 0)) {
            Positions.Position position = positions.require(partition);
            known.put(partition, new OffsetAndMetadata(position.offset, position.leaderEpoch, ""));
        }
        return known;
    }

    Map<TopicPartition, Long> lag() {
        Map<TopicPartition, Long> lag = new TreeMap<>();
        for (TopicPartition partition : positions.matching(each -> each.offset >= 0 && each.highWatermark >= 0)) {
            Positions.Position position = positions.require(partition);
            lag.put(partition, Math.max(0, position.highWatermark - position.offset));
        }
        return lag;
    }

    // The polling thread.

    boolean polled() {
        if (member != null) member.polled();
        return true;
    }

    @Nullable
    ClientException takeFailure() {
        ClientException taken = failure;
        failure = null;
        return taken;
    }

    void wakeup() {
        isWokenUp = true;
    }

    boolean takeWakeup() {
        boolean was = isWokenUp;
        isWokenUp = false;
        return was;
    }

    /// Nothing is handed out while the application has to be told something first.
    @Nullable
    FetchedRecords nextFetched() {
        return member != null && member.hasCallbacks() ? null : fetcher.poll();
    }

    /// Polled up to there; false if the partition was sought or taken away meanwhile.
    boolean advance(FetchedRecords fetched, boolean hasMore) {
        if (!fetcher.isWanted(fetched)) return false;
        Positions.Position position = positions.require(fetched.partition);
        position.offset = fetched.nextOffset();
        position.leaderEpoch = fetched.leaderEpoch();
        if (!hasMore) {
            fetcher.finished(fetched);
            fetcher.fetch();
        }
        return true;
    }

    GroupMember.@Nullable Callback nextCallback() {
        return member == null ? null : member.nextCallback();
    }

    void released(SortedSet<TopicPartition> partitions) {
        positions.remove(partitions);
        if (member != null) member.released();
    }

    CompletableFuture<Void> commit(Map<TopicPartition, OffsetAndMetadata> offsets) {
        if (member != null) return member.commit(offsets);
        throw new IllegalStateException("a consumer without a group cannot commit");
    }

    CompletableFuture<Void> leave() {
        isClosed = true;
        return member == null ? CompletableFuture.completedFuture(null) : member.leave();
    }

    void close() {
        cluster.close();
        loop.close();
    }

    // What others tell.

    @Override
    public void onGranted(SortedSet<TopicPartition> partitions) {
        positions.add(partitions);
        refresh();
        lookUp();
    }

    @Override
    public void onCallback() {
        onNews.run();
    }

    @Override
    public void onRecords() {
        onNews.run();
    }

    @Override
    public void onFailure(ClientException failure) {
        this.failure = failure;
        onNews.run();
    }

    @Override
    public void onOutOfRange(TopicPartition partition, long offset) {
        if (config.offsetReset() == OffsetReset.NONE) {
            onFailure(new BrokerErrorException(
                    ErrorCode.OFFSET_OUT_OF_RANGE, partition + " has no offset " + offset + "; seek to go on"));
            return;
        }
        positions.seek(partition, config.offsetReset());
        lookUp();
    }

    /// What was read after `endOffset` is gone (KIP-320): an unclean election, or lost disks. With a rule where
    /// to begin, reading goes on where the log was cut; else the application has to decide.
    @Override
    public void onTruncated(TopicPartition partition, long offset, int epoch, long endOffset) {
        if (config.offsetReset() != OffsetReset.NONE) {
            positions.seek(partition, endOffset, epoch);
            fetcher.fetch();
            return;
        }
        positions.require(partition).retryAtMs = loop.clock().monotonicMs() + backoff.delayMs(5);
        onFailure(new BrokerErrorException(
                ErrorCode.OFFSET_OUT_OF_RANGE,
                partition + " was cut to offset " + endOffset + " (leader epoch " + epoch + ") after it was read up to "
                        + offset + "; seek to go on"));
    }

    @Override
    public void onStaleMetadata() {
        refresh();
    }

    // The cluster is asked.

    private void refresh() {
        if (isRefreshing || isClosed) return;
        isRefreshing = true;
        SortedSet<String> topics = new TreeSet<>();
        for (TopicPartition partition : positions.partitions()) topics.add(partition.topic());
        Await.whenDone(
                cluster.refresh(topics, false),
                (metadata, failed) -> execute(() -> {
                    isRefreshing = false;
                    boolean isComplete = metadata != null
                            && positions.partitions().stream().allMatch(each -> metadata.leader(each) != null);
                    refreshFailures = isComplete ? 0 : refreshFailures + 1;
                    if (failed != null) {
                        ClientException reason = Await.clientException(failed);
                        if (!reason.isRetriable()) onFailure(reason);
                    }
                    if (isComplete) fetcher.fetch();
                    else loop.runAfter(backoff.delayMs(refreshFailures), () -> execute(this::refresh));
                }));
    }

    /// Finds out where partitions begin that have no position yet. The asking waits in a thread of its own.
    private void lookUp() {
        SortedSet<TopicPartition> open = positions.matching(each -> each.offset < 0 && !each.isLookedUp);
        if (open.isEmpty() || isClosed) return;
        Map<TopicPartition, Long> generations = new HashMap<>();
        Map<TopicPartition, OffsetReset> resets = new HashMap<>();
        for (TopicPartition partition : open) {
            Positions.Position position = positions.require(partition);
            position.isLookedUp = true;
            generations.put(partition, position.generation);
            OffsetReset reset = position.reset;
            if (reset != null) resets.put(partition, reset);
        }
        Thread.ofVirtual().name("tidemark-positions").start(() -> {
            Map<TopicPartition, OffsetAndMetadata> found = new HashMap<>();
            ClientException failed = null;
            try {
                found.putAll(StartOffsets.find(admin, config, open, resets));
            } catch (ClientException reason) {
                failed = reason;
            } catch (InterruptedException interrupted) {
                return;
            }
            ClientException reason = failed;
            execute(() -> found(generations, found, reason));
        });
    }

    private void found(
            Map<TopicPartition, Long> generations,
            Map<TopicPartition, OffsetAndMetadata> found,
            @Nullable ClientException reason) {
        generations.forEach((partition, generation) -> {
            Positions.Position position = positions.get(partition);
            if (position == null || position.generation != generation) return;
            position.isLookedUp = false;
            OffsetAndMetadata start = found.get(partition);
            if (start == null) return;
            position.offset = start.offset();
            position.leaderEpoch = start.leaderEpoch();
            position.reset = null;
        });
        if (reason != null && !isClosed) {
            onFailure(reason);
            loop.runAfter(backoff.delayMs(5), () -> execute(this::lookUp));
        }
        if (!found.isEmpty()) onNews.run();
        fetcher.fetch();
    }

    /// Asks brokers where to begin.
    private static final class StartOffsets {
        static Map<TopicPartition, OffsetAndMetadata> find(
                AdminClient admin,
                ConsumerConfig config,
                SortedSet<TopicPartition> partitions,
                Map<TopicPartition, OffsetReset> resets)
                throws InterruptedException {
            Map<TopicPartition, OffsetAndMetadata> found = new HashMap<>();
            String groupId = config.groupId();
            boolean needsCommitted = partitions.stream().anyMatch(each -> !resets.containsKey(each));
            Map<TopicPartition, OffsetAndMetadata> committed = groupId == null || !needsCommitted
                    ? Map.of()
                    : admin.groups().stableOffsets(groupId);
            Map<TopicPartition, Long> ends = new TreeMap<>();
            for (TopicPartition partition : partitions) {
                OffsetReset reset = resets.get(partition);
                OffsetAndMetadata offset = reset == null ? committed.get(partition) : null;
                if (offset != null) found.put(partition, offset);
                else ends.put(partition, time(reset == null ? config.offsetReset() : reset, partition));
            }
            for (var end : admin.offsets().list(ends, config.isReadCommitted()).entrySet()) {
                OffsetAdmin.Position position = switch (end.getValue()) {
                    case Result.Ok<OffsetAdmin.Position>(var there) -> there;
                    case Result.Failed<OffsetAdmin.Position>(ErrorCode error, String message) ->
                        throw new BrokerErrorException(error, end.getKey() + ": " + message);
                };
                found.put(end.getKey(), new OffsetAndMetadata(position.offset(), position.leaderEpoch(), ""));
            }
            return found;
        }

        private static long time(OffsetReset reset, TopicPartition partition) {
            return switch (reset) {
                case EARLIEST -> OffsetAdmin.EARLIEST;
                case LATEST -> OffsetAdmin.LATEST;
                case NONE ->
                    throw new BrokerErrorException(
                            ErrorCode.OFFSET_OUT_OF_RANGE,
                            "nothing is committed for " + partition + ", and there is no rule where to begin");
            };
        }
    }
}
