package dev.tidemark.broker.group;

import dev.tidemark.base.Bytes;
import dev.tidemark.base.time.Clock;
import dev.tidemark.broker.partition.Append;
import dev.tidemark.broker.partition.MarkerAppend;
import dev.tidemark.broker.partition.Partition;
import dev.tidemark.broker.partition.ReadLimit;
import dev.tidemark.broker.partition.ReadWaiter;
import dev.tidemark.coordinator.runtime.CoordinatorLog;
import dev.tidemark.coordinator.runtime.EndMarker;
import dev.tidemark.coordinator.runtime.LogBatch;
import dev.tidemark.coordinator.runtime.LogRecord;
import dev.tidemark.protocol.ErrorCode;
import dev.tidemark.protocol.codec.MalformedException;
import dev.tidemark.protocol.record.BatchHeader;
import dev.tidemark.protocol.record.BatchIterator;
import dev.tidemark.protocol.record.Compression;
import dev.tidemark.protocol.record.ControlRecordType;
import dev.tidemark.protocol.record.Record;
import dev.tidemark.protocol.record.RecordBatchBuilder;
import dev.tidemark.protocol.record.RecordReader;
import dev.tidemark.storage.log.AppendResult;
import dev.tidemark.storage.log.LogSnapshot;
import dev.tidemark.storage.log.ReadResult;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/// A coordinator's log in a partition of an internal topic that this broker leads, for one leader epoch.
public final class PartitionCoordinatorLog implements CoordinatorLog {
    private static final Logger LOG = LoggerFactory.getLogger(PartitionCoordinatorLog.class);
    private static final int READ_BYTES = 1 << 20;
    private static final long UNPACKED_BYTES_MAX = 1L << 30;

    private final Partition partition;
    private final int leaderEpoch;
    private final Compression compression;
    private final Executor diskExecutor;
    private final Clock clock;

    public PartitionCoordinatorLog(
            Partition partition, int leaderEpoch, Compression compression, Executor diskExecutor, Clock clock) {
        this.partition = partition;
        this.leaderEpoch = leaderEpoch;
        this.compression = compression;
        this.diskExecutor = diskExecutor;
        this.clock = clock;
    }

    @Override
    public boolean isLed() {
        return partition.checkLeader(leaderEpoch) == ErrorCode.NONE;
    }

    @Override
    public void append(LogBatch batch, AppendListener listener) {
        long wallMs = clock.wallMs();
        partition.append(Append.ofCoordinator(encode(batch, wallMs), wallMs, new Told(listener))
                .inEpoch(leaderEpoch));
    }

    @Override
    public void appendMarker(EndMarker marker, AppendListener listener) {
        MarkerAppend.append(partition, leaderEpoch, marker, clock.wallMs(), new Told(listener));
    }

    private ByteBuffer encode(LogBatch batch, long wallMs) {
        RecordBatchBuilder builder = new RecordBatchBuilder(compression);
        if (batch.isTransactional()) {
            builder.producer(batch.producerId(), batch.producerEpoch(), BatchHeader.NO_SEQUENCE)
                    .transactional();
        }
        for (LogRecord record : batch.records()) builder.add(wallMs, record.key(), record.value());
        return builder.build();
    }

    /// Passes on what the partition tells, in the coordinator's order: appended, then committed.
    private record Told(AppendListener listener) implements dev.tidemark.broker.partition.AppendListener {
        @Override
        public void onAppended(int index, AppendResult result, boolean committed) {
            if (result instanceof AppendResult.Rejected rejected) {
                // Whoever wanted it tries again, perhaps often: the partition's own log lines tell of its replicas.
                LOG.atLevel(rejected.error().isRetriable() ? Level.DEBUG : Level.WARN)
                        .log("A coordinator's append was refused: {}, {}", rejected.error(), rejected.message());
                listener.onFailed(rejected.error());
                return;
            }
            listener.onAppended();
            if (committed) listener.onCommitted();
        }

        @Override
        public void onCommitted(int index) {
            listener.onCommitted();
        }

        @Override
        public void onCommitFailed(int index, ErrorCode error) {
            listener.onFailed(error);
        }
    }

    @Override
    public void replay(ReplayListener listener) {
        diskExecutor.execute(() -> {
            try {
                replayNow(listener);
            } catch (IOException | MalformedException failure) {
                LOG.error("Reading {} failed: {}", partition.id(), failure.toString());
                listener.onFailed(ErrorCode.KAFKA_STORAGE_ERROR);
            }
        });
    }

    private void replayNow(ReplayListener listener) throws IOException {
        LogSnapshot snapshot = partition.log().snapshot();
        long end = snapshot.logEndOffset();
        long next = snapshot.logStartOffset();
        while (next < end) {
            if (partition.leaderEpoch() != leaderEpoch) {
                listener.onFailed(ErrorCode.NOT_LEADER_OR_FOLLOWER);
                return;
            }
            ReadResult result = snapshot.read(next, READ_BYTES, true, end);
            if (!(result instanceof ReadResult.Read found)) throw new IOException("offset " + next + " is not there");
            long after = handOver(found, next, listener);
            if (after == STOPPED) return;
            if (after == next) break; // Compaction may have left nothing up to the end.
            next = after;
        }
        listener.onEnd();
        if (end == 0 || partition.highWatermark() >= end) listener.onCommitted();
        else
            partition.waitForMore(
                    new CommitWaiter(partition, leaderEpoch, end, listener), ReadLimit.HIGH_WATERMARK, end - 1);
    }

    /// Waits, at the partition, for the high watermark to pass what was replayed. Used in the partition's turn.
    private static final class CommitWaiter implements ReadWaiter {
        private final Partition partition;
        private final int leaderEpoch;
        private final long end;
        private final ReplayListener listener;
        private boolean over;

        CommitWaiter(Partition partition, int leaderEpoch, long end, ReplayListener listener) {
            this.partition = partition;
            this.leaderEpoch = leaderEpoch;
            this.end = end;
            this.listener = listener;
        }

        @Override
        public void onReadable(int bytes) {
            boolean leads = partition.leaderEpoch() == leaderEpoch;
            boolean committed = partition.highWatermark() >= end;
            if (over || (leads && !committed)) return;
            over = true;
            partition.stopWaiting(this);
            if (leads) listener.onCommitted();
        }
    }

    private static final long STOPPED = -1;

    /// The offset behind the last batch that was handed over.
    private static long handOver(ReadResult.Read found, long from, ReplayListener listener) throws IOException {
        ByteBuffer bytes;
        try {
            bytes = found.records().copy();
        } finally {
            found.records().release();
        }
        long next = from;
        BatchIterator batches = new BatchIterator(bytes);
        while (batches.hasNext()) {
            BatchHeader batch = batches.next();
            if (batch.lastOffset() >= from && !handOver(batch, listener)) return STOPPED;
            next = Math.max(next, batch.nextOffset());
        }
        return next;
    }

    private static boolean handOver(BatchHeader batch, ReplayListener listener) {
        if (!batch.isControl()) return listener.onBatch(decode(batch));
        for (Record record : RecordReader.readAll(batch, UNPACKED_BYTES_MAX)) {
            Bytes key = record.key();
            ControlRecordType type = key == null ? null : ControlRecordType.ofKey(key.asByteBuffer());
            boolean isEnd = type == ControlRecordType.COMMIT || type == ControlRecordType.ABORT;
            if (isEnd && !listener.onMarker(batch.producerId(), type == ControlRecordType.COMMIT)) return false;
        }
        return true;
    }

    private static LogBatch decode(BatchHeader batch) {
        List<LogRecord> records = new ArrayList<>(batch.recordCount());
        for (Record record : RecordReader.readAll(batch, UNPACKED_BYTES_MAX)) {
            Bytes key = record.key();
            if (key != null) records.add(new LogRecord(key, record.value()));
        }
        return batch.isTransactional()
                ? new LogBatch(records, batch.producerId(), batch.producerEpoch())
                : LogBatch.of(records);
    }
}
