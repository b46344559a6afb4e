package dev.tidemark.broker.fetch;

import dev.tidemark.broker.cluster.ClusterView;
import dev.tidemark.broker.partition.Partition;
import dev.tidemark.broker.partition.Partitions;
import dev.tidemark.broker.throttle.Throttle;
import dev.tidemark.protocol.ErrorCode;
import dev.tidemark.protocol.message.FetchResponse;
import dev.tidemark.storage.log.AbortedTransaction;
import dev.tidemark.storage.log.EpochEndOffset;
import dev.tidemark.storage.log.LogSnapshot;
import dev.tidemark.storage.log.ReadResult;
import dev.tidemark.storage.segment.FileRecords;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Reads a partition for a consumer or a follower, from its published snapshot and without its turn.
public final class PartitionReader {
    private static final Logger LOG = LoggerFactory.getLogger(PartitionReader.class);
    private static final int NO_REPLICA = -1;
    private static final int NO_EPOCH = -1;

    private final Partitions partitions;
    private final ClusterView cluster;
    private final PreferredReplicas preferred;
    private final Throttle throttle;

    /// @param throttle what followers may get
    public PartitionReader(Partitions partitions, ClusterView cluster, PreferredReplicas preferred, Throttle throttle) {
        this.partitions = partitions;
        this.cluster = cluster;
        this.preferred = preferred;
        this.throttle = throttle;
    }

    /// Looked up once for each partition of a session, and again when the replica has gone.
    @Nullable
    Partition find(FetchedPartition wanted) {
        Partition known = wanted.partition;
        if (known != null && !known.isClosed()) return known;
        PartitionKey key = wanted.key;
        Partition found = key.topicId().isZero()
                ? partitions.get(key.topic(), key.partition())
                : partitions.get(key.topicId(), key.partition());
        wanted.partition = found;
        return found;
    }

    /// Whether [#read] may have to wait for the disk: to find the offset, and then most likely for the records too.
    boolean needsDisk(FetchedPartition wanted) {
        Partition partition = find(wanted);
        if (partition == null) return false;
        LogSnapshot snapshot = partition.log().snapshot();
        return wanted.fetchOffset >= snapshot.logStartOffset() && !snapshot.isNearEnd(wanted.fetchOffset);
    }

    /// @param atLeastOne give the first batch whole even if it is larger than `bytesMax`
    PartitionRead read(FetchedPartition wanted, int bytesMax, boolean atLeastOne, Fetcher fetcher) {
        Partition partition = find(wanted);
        if (partition == null) return PartitionRead.failed(unknown(wanted.key));
        ErrorCode error = check(partition, wanted, fetcher);
        if (error != ErrorCode.NONE) return PartitionRead.failed(error);
        try {
            PartitionRead read = fetcher.isReplica()
                    ? readAsReplica(partition, wanted, bytesMax, atLeastOne, fetcher)
                    : readAsConsumer(partition, wanted, bytesMax, atLeastOne, fetcher);
            // The log that was read may be another leader's by now: two looks at it need not have seen the
            // same log, and a follower would put together what never was one. A consumer would hear of an
            // older high watermark.
            ErrorCode now = check(partition, wanted, fetcher);
            if (now == ErrorCode.NONE) return read;
            if (read.records() instanceof FileRecords records) records.release();
            return PartitionRead.failed(now);
        } catch (IOException failure) {
            LOG.error("Reading {} at offset {} failed: {}", partition.id(), wanted.fetchOffset, failure.toString());
            return PartitionRead.failed(ErrorCode.KAFKA_STORAGE_ERROR);
        }
    }

    private static ErrorCode check(Partition partition, FetchedPartition wanted, Fetcher fetcher) {
        if (!fetcher.isReplica()) {
            return fetcher.mayReadFollowers()
                    ? partition.checkReplica(wanted.currentLeaderEpoch)
                    : partition.checkLeader(wanted.currentLeaderEpoch);
        }
        ErrorCode error = partition.checkLeader(wanted.currentLeaderEpoch);
        if (error != ErrorCode.NONE) return error;
        // Whoever does not say for which epoch it asks could be told of another leader's log.
        boolean isFenced = wanted.currentLeaderEpoch != NO_EPOCH;
        if (!isFenced || !partition.isFollower(fetcher.replicaId())) return ErrorCode.UNKNOWN_LEADER_EPOCH;
        // Whoever has records knows of which epoch the last one is: without it the logs cannot be compared.
        boolean isEmpty = wanted.fetchOffset == Math.max(0, wanted.logStartOffset);
        return wanted.lastFetchedEpoch != NO_EPOCH || isEmpty ? ErrorCode.NONE : ErrorCode.INVALID_REQUEST;
    }

    private PartitionRead readAsReplica(
            Partition partition, FetchedPartition wanted, int bytesMax, boolean atLeastOne, Fetcher fetcher)
            throws IOException {
        takeNote(partition, wanted, fetcher);
        boolean isHeld = throttle.isHeld(partition, fetcher.replicaId());
        PartitionRead read = read(partition, wanted, isHeld ? 0 : bytesMax, atLeastOne && !isHeld, fetcher);
        throttle.onCopied(partition, fetcher.replicaId(), read.sizeInBytes());
        wanted.isNewsToFollower =
                !read.isError() && partition.isNewsToFollower(wanted.toldHighWatermark(), wanted.toldLogStartOffset());
        return read;
    }

    private PartitionRead readAsConsumer(
            Partition partition, FetchedPartition wanted, int bytesMax, boolean atLeastOne, Fetcher fetcher)
            throws IOException {
        if (partition.isLeader()) {
            int replica = preferred.choose(partition, fetcher.rack(), wanted.fetchOffset);
            if (replica != PreferredReplicas.NONE) return elsewhere(partition, replica);
        }
        return read(partition, wanted, bytesMax, atLeastOne, fetcher);
    }

    private static void takeNote(Partition partition, FetchedPartition wanted, Fetcher fetcher) {
        if (!wanted.isNewToLeader(partition.followersTerm(), fetcher.replicaEpoch())) return;
        partition.onFollowerFetch(
                fetcher.replicaId(),
                fetcher.replicaEpoch(),
                wanted.currentLeaderEpoch,
                wanted.fetchOffset,
                wanted.lastFetchedEpoch,
                wanted.logStartOffset);
    }

    private static PartitionRead elsewhere(Partition partition, int replica) {
        return PartitionRead.elsewhere(
                replica,
                partition.highWatermark(),
                partition.log().lastStableOffset(),
                partition.log().snapshot().logStartOffset());
    }

    private ErrorCode unknown(PartitionKey key) {
        return key.topicId().isZero()
                ? cluster.whyNotHere(key.topic(), key.partition())
                : cluster.whyNotHere(key.topicId(), key.partition());
    }

    private static PartitionRead read(
            Partition partition, FetchedPartition wanted, int bytesMax, boolean atLeastOne, Fetcher fetcher)
            throws IOException {
        LogSnapshot snapshot = partition.log().snapshot();
        // Read in this order: a transaction that begins in between lies behind the snapshot.
        long highWatermark = partition.highWatermark();
        long lastStableOffset = snapshot.lastStableOffset(highWatermark);
        EpochEndOffset diverging = diverging(partition, wanted);
        if (diverging != null && diverging.equals(EpochEndOffset.UNDEFINED)) {
            // A follower must not take this for a reason to throw its log away.
            return PartitionRead.failed(
                    fetcher.isReplica() ? ErrorCode.UNKNOWN_LEADER_EPOCH : ErrorCode.OFFSET_OUT_OF_RANGE);
        }
        if (diverging != null) {
            FetchResponse.EpochEndOffset told =
                    new FetchResponse.EpochEndOffset(diverging.leaderEpoch(), diverging.endOffset());
            return new PartitionRead(
                    ErrorCode.NONE,
                    highWatermark,
                    lastStableOffset,
                    snapshot.logStartOffset(),
                    told,
                    NO_REPLICA,
                    null,
                    FileRecords.EMPTY);
        }
        long committedEnd = fetcher.readCommitted() ? lastStableOffset : highWatermark;
        long readableEnd = Math.min(snapshot.logEndOffset(), fetcher.isReplica() ? Long.MAX_VALUE : committedEnd);
        wanted.readableEnd = readableEnd;
        return switch (snapshot.read(wanted.fetchOffset, bytesMax, atLeastOne, readableEnd)) {
            case ReadResult.OutOfRange outOfRange ->
                new PartitionRead(
                        ErrorCode.OFFSET_OUT_OF_RANGE,
                        highWatermark,
                        lastStableOffset,
                        outOfRange.logStartOffset(),
                        null,
                        NO_REPLICA,
                        null,
                        null);
            case ReadResult.Read found ->
                new PartitionRead(
                        ErrorCode.NONE,
                        highWatermark,
                        lastStableOffset,
                        snapshot.logStartOffset(),
                        null,
                        NO_REPLICA,
                        fetcher.readCommitted() ? aborted(snapshot, wanted, readableEnd, found) : null,
                        found.records());
        };
    }

    /// Where the consumer's last epoch ended here, if it went on reading beyond that (KIP-595).
    private static @Nullable EpochEndOffset diverging(Partition partition, FetchedPartition wanted) {
        if (wanted.lastFetchedEpoch == NO_EPOCH) return null;
        EpochEndOffset end = partition.log().endOffsetForEpoch(wanted.lastFetchedEpoch);
        boolean agrees = end.leaderEpoch() == wanted.lastFetchedEpoch && end.endOffset() >= wanted.fetchOffset;
        return agrees ? null : end;
    }

    private static List<FetchResponse.AbortedTransaction> aborted(
            LogSnapshot snapshot, FetchedPartition wanted, long readableEnd, ReadResult.Read found) throws IOException {
        try {
            return snapshot.abortedTransactions(wanted.fetchOffset, found.records(), readableEnd).stream()
                    .map(PartitionReader::told)
                    .toList();
        } catch (IOException failure) {
            found.records().release();
            throw failure;
        }
    }

    private static FetchResponse.AbortedTransaction told(AbortedTransaction aborted) {
        return new FetchResponse.AbortedTransaction(aborted.producerId(), aborted.firstOffset());
    }
}
