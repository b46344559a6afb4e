package dev.tidemark.broker.partition;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.base.Bytes;
import dev.tidemark.base.TopicPartition;
import dev.tidemark.base.Uuid;
import dev.tidemark.base.disk.MemoryDisk;
import dev.tidemark.broker.ManualLoop;
import dev.tidemark.protocol.ErrorCode;
import dev.tidemark.protocol.message.FetchResponse;
import dev.tidemark.protocol.record.BatchHeader;
import dev.tidemark.protocol.record.BatchIterator;
import dev.tidemark.protocol.record.Compression;
import dev.tidemark.protocol.record.MemoryRecords;
import dev.tidemark.protocol.record.Record;
import dev.tidemark.protocol.record.RecordBatchBuilder;
import dev.tidemark.protocol.record.RecordReader;
import dev.tidemark.replication.follower.FollowOutcome;
import dev.tidemark.replication.follower.FollowerPosition;
import dev.tidemark.replication.leader.IsrMember;
import dev.tidemark.replication.leader.IsrOutcome;
import dev.tidemark.replication.leader.LeaderTerm;
import dev.tidemark.storage.directory.LogDirectory;
import dev.tidemark.storage.epoch.EpochEntry;
import dev.tidemark.storage.log.AppendOrigin;
import dev.tidemark.storage.log.AppendResult;
import dev.tidemark.storage.log.EpochEndOffset;
import dev.tidemark.storage.log.LogConfig;
import dev.tidemark.storage.log.LogSnapshot;
import dev.tidemark.storage.log.ReadResult;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;

/// The replicas of one partition on brokers 1, 2, …, each with a disk of its own, and a controller that the test plays.
/// Fetches are carried by hand.
final class Replicas {
    static final TopicPartition ID = new TopicPartition("flights", 0);
    static final Uuid TOPIC_ID = new Uuid(7, 7);

    final ManualLoop loop = new ManualLoop();
    private final Deque<Runnable> diskWork = new ArrayDeque<>();
    private final LogConfig config;
    final Map<Integer, Partition> byBroker = new LinkedHashMap<>();
    final Map<Integer, LogDirectory> directories = new LinkedHashMap<>();
    final Map<Integer, MemoryDisk> disks = new LinkedHashMap<>();
    final List<Long> truncations = new ArrayList<>();
    /// While the disk is slow, what is to be forced waits for [#finishForces].
    boolean slowDisk;

    boolean controllerAnswers = true;
    /// Brokers whose replica may not join the ISR, as far as the leader knows.
    final Set<Integer> ineligible = new TreeSet<>();
    /// Brokers that know that others may lead what they lead.
    final Set<Integer> fenced = new TreeSet<>();

    int leaderEpoch;
    int partitionEpoch;
    int leader = -1;
    List<Integer> isr;

    Replicas(int count, LogConfig config) {
        this.config = config;
        List<Integer> all = new ArrayList<>();
        for (int broker = 1; broker <= count; broker++) {
            all.add(broker);
            disks.put(broker, new MemoryDisk(loop));
            open(broker);
        }
        isr = List.copyOf(all);
    }

    /// Brings a broker's replica up from what its disk has.
    void open(int broker) {
        try {
            LogDirectory directory = LogDirectory.open(
                    LogDirectory.Options.of(Path.of("/data")),
                    new LogDirectory.Identity("cluster", broker, new Uuid(1, broker)),
                    disks.get(broker),
                    loop,
                    this::onDisk,
                    new Silent());
            directory.load(topic -> config).join();
            directories.put(broker, directory);
            var log = directory.log(ID).isPresent() ? directory.log(ID).get() : directory.create(ID, TOPIC_ID, config);
            byBroker.put(broker, new Partition(ID, TOPIC_ID, log, directory, loop, replication(broker)));
        } catch (IOException impossible) {
            throw new AssertionError(impossible);
        }
    }

    /// The broker's machine loses its power: what was not forced may be gone.
    void powerCut(int broker) {
        powerCut(broker, new Random(1));
    }

    void powerCut(int broker, Random random) {
        disks.put(broker, disks.get(broker).crash(random));
        open(broker);
    }

    private void onDisk(Runnable work) {
        if (slowDisk) diskWork.add(work);
        else work.run();
    }

    void finishForces() {
        slowDisk = false;
        while (!diskWork.isEmpty()) diskWork.remove().run();
    }

    private Replication replication(int broker) {
        return new Replication(
                broker,
                (partition, topicId, proposal) -> {
                    if (!controllerAnswers) return CompletableFuture.failedFuture(new IOException("cut off"));
                    if (proposal.leaderEpoch() != leaderEpoch) {
                        return CompletableFuture.completedFuture(new IsrOutcome.Refused(ErrorCode.FENCED_LEADER_EPOCH));
                    }
                    if (proposal.partitionEpoch() != partitionEpoch) {
                        return CompletableFuture.completedFuture(
                                new IsrOutcome.Refused(ErrorCode.INVALID_UPDATE_VERSION));
                    }
                    isr = proposal.newIsr().stream().map(IsrMember::brokerId).toList();
                    partitionEpoch++;
                    return CompletableFuture.completedFuture(new IsrOutcome.Accepted(leaderEpoch, partitionEpoch, isr));
                },
                (topic, partition, id, epoch) -> !ineligible.contains(id),
                10_000,
                true,
                new Listener(),
                new LaggingPartitions(loop),
                () -> fenced.contains(broker),
                new IsrNews(loop));
    }

    private final class Listener implements ReplicaListener {
        @Override
        public void onOpened(Partition partition) {}

        @Override
        public void onChanged(Partition partition) {}

        @Override
        public void onTruncated(Partition partition, long offset) {
            truncations.add(offset);
        }

        @Override
        public void onDeleting(Partition partition) {}
    }

    Partition get(int broker) {
        return byBroker.get(broker);
    }

    /// The controller elects; only `told` hear of it.
    void elect(int newLeader, List<Integer> newIsr, Integer... told) {
        leader = newLeader;
        isr = newIsr;
        leaderEpoch++;
        partitionEpoch++;
        for (int broker : told) tell(broker);
    }

    void tell(int broker) {
        var _ = broker == leader
                ? get(broker).lead(new LeaderTerm(leaderEpoch, partitionEpoch, List.copyOf(byBroker.keySet()), isr))
                : get(broker).follow(leader, leaderEpoch);
    }

    // ---- fetching

    FollowOutcome fetch(int follower) {
        return fetch(follower, Integer.MAX_VALUE);
    }

    /// One fetch of `follower` from whom it follows.
    FollowOutcome fetch(int follower, int bytesMax) {
        FollowerPosition asked = get(follower).fetchPosition().orElseThrow();
        return deliver(follower, asked, answer(follower, asked, bytesMax));
    }

    FollowOutcome deliver(int follower, FollowerPosition asked, FetchResponse.PartitionData data) {
        List<FollowOutcome> outcomes = new ArrayList<>();
        get(follower).onFetched(asked, data, outcomes::add);
        if (!slowDisk) assertThat(outcomes).hasSize(1);
        return outcomes.isEmpty() ? new FollowOutcome.Outdated() : outcomes.getFirst();
    }

    FetchResponse.PartitionData answer(int follower, FollowerPosition asked, int bytesMax) {
        Partition leading = get(asked.leaderId());
        var data = FetchResponse.PartitionData.builder().partitionIndex(0);
        ErrorCode error = leading.checkLeader(asked.leaderEpoch());
        if (error != ErrorCode.NONE) {
            return data.errorCode(error.code()).highWatermark(-1).build();
        }
        leading.onFollowerFetch(
                follower,
                100 + follower,
                asked.leaderEpoch(),
                asked.fetchOffset(),
                asked.lastFetchedEpoch(),
                asked.logStartOffset());
        LogSnapshot now = leading.log().snapshot();
        data.highWatermark(leading.highWatermark()).logStartOffset(now.logStartOffset());
        if (asked.lastFetchedEpoch() >= 0) {
            EpochEndOffset end = leading.log().endOffsetForEpoch(asked.lastFetchedEpoch());
            if (end.leaderEpoch() != asked.lastFetchedEpoch() || end.endOffset() < asked.fetchOffset()) {
                return data.divergingEpoch(new FetchResponse.EpochEndOffset(end.leaderEpoch(), end.endOffset()))
                        .build();
            }
        }
        try {
            return switch (now.read(asked.fetchOffset(), bytesMax, true, now.logEndOffset())) {
                case ReadResult.OutOfRange _ ->
                    data.errorCode(ErrorCode.OFFSET_OUT_OF_RANGE.code()).build();
                case ReadResult.Read read -> {
                    MemoryRecords copy = new MemoryRecords(read.records().copy());
                    read.records().release();
                    yield data.records(copy).build();
                }
            };
        } catch (IOException failure) {
            throw new AssertionError(failure);
        }
    }

    /// Every follower fetches until nothing changes any more.
    void settle() {
        for (int round = 0; round < 20; round++) {
            for (int broker : byBroker.keySet()) {
                if (get(broker).fetchPosition().isPresent()) fetch(broker);
            }
        }
    }

    // ---- appending

    Ack append(int broker, String... values) {
        return append(broker, true, 30_000, values);
    }

    Ack append(int broker, boolean byAll, int timeoutMs, String... values) {
        RecordBatchBuilder builder = new RecordBatchBuilder(Compression.NONE);
        for (String value : values) builder.add(loop.wallMs(), null, Bytes.utf8(value));
        return append(broker, builder.build(), byAll, timeoutMs);
    }

    /// What the idempotent producer 7 sends.
    Ack appendAt(int sequence, int broker, String... values) {
        RecordBatchBuilder builder = new RecordBatchBuilder(Compression.NONE).producer(7, (short) 0, sequence);
        for (String value : values) builder.add(loop.wallMs(), null, Bytes.utf8(value));
        return append(broker, builder.build(), true, 30_000);
    }

    private Ack append(int broker, ByteBuffer batch, boolean byAll, int timeoutMs) {
        Ack ack = new Ack();
        get(broker).append(new Append(batch, AppendOrigin.CLIENT, loop.wallMs(), byAll, timeoutMs, ack, 0));
        return ack;
    }

    /// What a producer would hear.
    static final class Ack implements AppendListener {
        final List<String> heard = new ArrayList<>();

        @Override
        public void onAppended(int index, AppendResult result, boolean committed) {
            switch (result) {
                case AppendResult.Appended appended -> heard.add("appended at " + appended.firstOffset());
                case AppendResult.Duplicate duplicate -> heard.add("duplicate of " + duplicate.firstOffset());
                case AppendResult.Rejected rejected ->
                    heard.add(rejected.error().name());
            }
            if (committed && !(result instanceof AppendResult.Rejected)) heard.add("committed");
        }

        @Override
        public void onCommitted(int index) {
            heard.add("committed");
        }

        @Override
        public void onCommitFailed(int index, ErrorCode error) {
            heard.add(error.name());
        }
    }

    /// The values in a replica's log.
    List<String> values(int broker) {
        List<String> values = new ArrayList<>();
        LogSnapshot now = get(broker).log().snapshot();
        try {
            long next = now.logStartOffset();
            while (next < now.logEndOffset()) {
                ReadResult.Read read = (ReadResult.Read) now.read(next, Integer.MAX_VALUE, true, now.logEndOffset());
                BatchIterator batches = new BatchIterator(read.records().copy());
                read.records().release();
                while (batches.hasNext()) {
                    BatchHeader batch = batches.next();
                    for (Record record : RecordReader.readAll(batch, 1 << 20)) {
                        values.add(batch.leaderEpoch() + ":"
                                + Objects.requireNonNull(record.value()).toUtf8());
                    }
                    next = batch.nextOffset();
                }
            }
        } catch (IOException failure) {
            throw new AssertionError(failure);
        }
        return values;
    }

    static long end(Partition partition) {
        return partition.log().snapshot().logEndOffset();
    }

    /// All have what the leader has, in the same epochs.
    void assertIdentical() {
        for (int broker : byBroker.keySet()) {
            assertThat(values(broker)).isEqualTo(values(leader));
            assertThat(epochsWithRecords(broker)).isEqualTo(epochsWithRecords(leader));
        }
    }

    private List<EpochEntry> epochsWithRecords(int broker) {
        Partition partition = get(broker);
        return partition.log().epochs().entries().stream()
                .filter(entry -> entry.startOffset() < end(partition))
                .toList();
    }

    private static final class Silent implements LogDirectory.Listener {
        @Override
        public void onOffline(LogDirectory offline, IOException cause) {}

        @Override
        public void onOnline(LogDirectory online) {}
    }
}
