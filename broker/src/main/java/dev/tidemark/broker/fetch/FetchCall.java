package dev.tidemark.broker.fetch;

import dev.tidemark.base.Uuid;
import dev.tidemark.base.time.Loop;
import dev.tidemark.broker.cluster.LeaderHints;
import dev.tidemark.broker.dispatch.Call;
import dev.tidemark.broker.dispatch.Connection;
import dev.tidemark.broker.partition.Partition;
import dev.tidemark.broker.partition.ReadWaiter;
import dev.tidemark.protocol.message.FetchRequest;
import dev.tidemark.protocol.message.FetchResponse;
import dev.tidemark.protocol.message.FetchResponse.FetchableTopicResponse;
import dev.tidemark.protocol.message.FetchResponse.PartitionData;
import dev.tidemark.storage.segment.FileRecords;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// One fetch on its way: reads; if that is not enough yet, waits at its partitions; reads again; replies once.
///
/// Owner: the connection's loop, on which everything but [#onReadable] runs, and the reading where the disk may have
/// to be waited for: that takes place on a thread of the disk, while the call does nothing else.
final class FetchCall implements ReadWaiter {
    private static final short FIRST_VERSION_WITH_LEADER = 12;
    private static final short FIRST_VERSION_WITH_ENDPOINTS = 16;

    private final FetchRequest request;
    private final Call call;
    private final Fetcher fetcher;
    private final @Nullable FetchSession session;
    private final List<FetchedPartition> wanted;
    private final boolean incremental;
    private final PartitionReader reader;
    private final int replyBytesMax;
    private final LeaderHints hints;
    private final ColdRecords cold;

    private final List<Partition> waitingAt = new ArrayList<>(0);
    private final AtomicLong bytesMissing = new AtomicLong();
    private final AtomicBoolean wakeUpGiven = new AtomicBoolean();
    private Loop.@Nullable Timer timer;
    private boolean isDone;
    /// On the disk's threads now.
    private boolean isReading;

    private boolean isLate;

    FetchCall(
            FetchRequest request,
            Call call,
            Fetcher fetcher,
            @Nullable FetchSession session,
            List<FetchedPartition> wanted,
            boolean incremental,
            PartitionReader reader,
            FetchLimits limits,
            LeaderHints hints,
            ColdRecords cold) {
        this.request = request;
        this.call = call;
        this.fetcher = fetcher;
        this.session = session;
        this.wanted = wanted;
        this.incremental = incremental;
        this.reader = reader;
        this.hints = hints;
        this.cold = cold;
        this.replyBytesMax = Math.min(request.maxBytes(), limits.replyBytesMax());
    }

    /// The outcome of reading every wanted partition once, in their order.
    private static final class Reads {
        final List<PartitionRead> reads;
        long bytes;
        boolean mustReply;

        Reads(int count) {
            reads = new ArrayList<>(count);
        }

        void release() {
            for (PartitionRead read : reads) {
                if (read.records() instanceof FileRecords records) records.release();
            }
        }
    }

    void start() {
        read(this::onFirstRead);
    }

    private void read(Consumer<Reads> then) {
        if (!needsDisk()) {
            then.accept(readAll());
            return;
        }
        isReading = true;
        try {
            cold.execute(() -> readFromDisk(then));
        } catch (RejectedExecutionException stopping) {
            call.closeConnection("the broker stops");
        }
    }

    private boolean needsDisk() {
        for (FetchedPartition partition : wanted) {
            if (reader.needsDisk(partition)) return true;
        }
        return false;
    }

    private void readFromDisk(Consumer<Reads> then) {
        Reads reads;
        try {
            reads = readAll();
            cold.warm(reads.reads);
        } catch (RuntimeException bug) {
            call.closeConnection("a bug in reading");
            throw bug;
        }
        call.loop().run(() -> {
            isReading = false;
            then.accept(reads);
        });
    }

    private void onFirstRead(Reads first) {
        if (isLate || isEnough(first) || request.maxWaitMs() <= 0 || wanted.isEmpty()) {
            reply(first);
            return;
        }
        first.release();
        call.next();
        timer = call.loop().runAfter(request.maxWaitMs(), this::onTimeout);
        waitForMore(first.bytes);
    }

    private boolean isEnough(Reads reads) {
        return reads.mustReply || reads.bytes >= request.minBytes();
    }

    private Reads readAll() {
        Reads reads = new Reads(wanted.size());
        for (FetchedPartition partition : wanted) {
            int room = (int) Math.max(0, replyBytesMax - reads.bytes);
            PartitionRead read = reader.read(partition, Math.min(room, partition.bytesMax), reads.bytes == 0, fetcher);
            reads.reads.add(read);
            reads.bytes += read.sizeInBytes();
            reads.mustReply |= read.isError()
                    || read.divergingEpoch() != null
                    || read.preferredReadReplica() >= 0
                    || (fetcher.isReplica() && partition.isNewsToFollower);
        }
        return reads;
    }

    private void waitForMore(long bytesRead) {
        bytesMissing.set(request.minBytes() - bytesRead);
        wakeUpGiven.set(false);
        for (FetchedPartition partition : wanted) {
            Partition found = reader.find(partition);
            if (found != null) {
                waitingAt.add(found);
                long knownEnd = Math.max(partition.fetchOffset, partition.readableEnd);
                if (fetcher.isReplica())
                    found.waitForNews(this, knownEnd, partition.toldHighWatermark(), partition.toldLogStartOffset());
                else found.waitForMore(this, fetcher.limit(), knownEnd);
            }
        }
    }

    @Override
    public void onReadable(int bytes) {
        if (bytesMissing.addAndGet(-bytes) <= 0 && wakeUpGiven.compareAndSet(false, true)) {
            call.loop().run(this::onEnough);
        }
    }

    private void onEnough() {
        if (isDone || isReading) return;
        stopWaiting();
        read(this::onReadAgain);
    }

    private void onReadAgain(Reads reads) {
        if (isLate || isEnough(reads) || !call.connection().isOpen()) {
            reply(reads);
        } else {
            reads.release();
            waitForMore(reads.bytes);
        }
    }

    /// The session's next fetch has come over `connection`. Its reply can only leave behind this one, which therefore
    /// waits no more.
    void endWait(Connection connection) {
        if (connection.equals(call.connection())) onTimeout();
        else call.loop().run(this::onTimeout);
    }

    private void onTimeout() {
        isLate = true;
        if (isDone || isReading) return;
        stopWaiting();
        read(this::reply);
    }

    private void stopWaiting() {
        for (Partition partition : waitingAt) {
            partition.stopWaiting(this);
        }
        waitingAt.clear();
    }

    private void reply(Reads reads) {
        isDone = true;
        if (session != null) session.onReplied(this);
        if (timer != null) timer.cancel();
        FetchResponse.Builder response = FetchResponse.builder();
        if (session != null) response.sessionId(session.id);
        LeaderHints.Nodes nodes = hints.nodes(call.listener());
        response.responses(topics(reads, nodes));
        if (call.version() >= FIRST_VERSION_WITH_ENDPOINTS) response.nodeEndpoints(endpoints(nodes));
        call.reply(response.build());
    }

    private static List<FetchResponse.NodeEndpoint> endpoints(LeaderHints.Nodes nodes) {
        return nodes.all().stream()
                .map(node -> new FetchResponse.NodeEndpoint(
                        node.broker().id(),
                        node.endpoint().host(),
                        node.endpoint().port(),
                        node.broker().rack()))
                .toList();
    }

    private List<FetchableTopicResponse> topics(Reads reads, LeaderHints.Nodes nodes) {
        Map<TopicKey, List<PartitionData>> byTopic = new LinkedHashMap<>();
        List<FetchedPartition> served = new ArrayList<>();
        for (int i = 0; i < wanted.size(); i++) {
            FetchedPartition partition = wanted.get(i);
            PartitionRead read = reads.reads.get(i);
            if (incremental && !partition.hasNews(read)) continue;
            if (session != null) partition.told(read);
            if (read.sizeInBytes() > 0) served.add(partition);
            byTopic.computeIfAbsent(TopicKey.of(partition.key), key -> new ArrayList<>())
                    .add(data(partition.key, read, nodes));
        }
        if (session != null) session.moveBehind(served);
        List<FetchableTopicResponse> topics = new ArrayList<>(byTopic.size());
        byTopic.forEach((topic, partitions) -> topics.add(FetchableTopicResponse.builder()
                .topic(topic.name())
                .topicId(topic.id())
                .partitions(partitions)
                .build()));
        return topics;
    }

    private record TopicKey(Uuid id, String name) {
        static TopicKey of(PartitionKey key) {
            return new TopicKey(key.topicId(), key.topic());
        }
    }

    private PartitionData data(PartitionKey key, PartitionRead read, LeaderHints.Nodes nodes) {
        PartitionData.Builder data = PartitionData.builder()
                .partitionIndex(key.partition())
                .errorCode(read.error().code())
                .highWatermark(read.highWatermark())
                .lastStableOffset(read.lastStableOffset())
                .logStartOffset(read.logStartOffset())
                .abortedTransactions(read.abortedTransactions())
                .preferredReadReplica(read.preferredReadReplica())
                .records(read.records());
        if (read.divergingEpoch() != null) data.divergingEpoch(read.divergingEpoch());
        if (LeaderHints.isHelped(read.error()) && call.version() >= FIRST_VERSION_WITH_LEADER) {
            hints.leader(key.topicId(), key.topic(), key.partition()).ifPresent(leader -> {
                data.currentLeader(new FetchResponse.LeaderIdAndEpoch(leader.brokerId(), leader.leaderEpoch()));
                nodes.add(leader);
            });
        }
        return data.build();
    }
}
