package dev.tidemark.simulator.check;

import dev.tidemark.broker.partition.Partition;
import dev.tidemark.protocol.record.BatchHeader;
import dev.tidemark.protocol.record.MemoryRecords;
import dev.tidemark.protocol.record.Record;
import dev.tidemark.protocol.record.RecordReader;
import dev.tidemark.storage.log.LogSnapshot;
import dev.tidemark.storage.log.ReadResult;
import dev.tidemark.storage.segment.FileRecords;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/// Reads a replica's log from inside.
public final class LogReading {
    /// In the place of a record that is not there.
    static final String NOTHING = "(nothing)";

    private static final int BYTES_MAX = 1 << 20;
    private static final long UNPACKED_BYTES_MAX = 1 << 26;

    private LogReading() {}

    /// The batches that begin at `from` or later and end below `upper`.
    public static List<BatchHeader> batches(Partition partition, long from, long upper) throws IOException {
        LogSnapshot log = partition.log().snapshot();
        List<BatchHeader> found = new ArrayList<>();
        long next = Math.max(from, log.logStartOffset());
        long end = Math.min(upper, log.logEndOffset());
        while (next < end) {
            if (!(log.read(next, BYTES_MAX, true, end) instanceof ReadResult.Read read)) break;
            long before = next;
            for (BatchHeader batch : new MemoryRecords(copy(read.records())).batches()) {
                if (batch.baseOffset() >= from) found.add(batch);
                next = Math.max(next, batch.nextOffset());
            }
            if (next == before) break;
        }
        return found;
    }

    private static ByteBuffer copy(FileRecords records) throws IOException {
        try {
            return records.copy();
        } finally {
            records.release();
        }
    }

    /// The values of all records below `upper`, by offset from 0 on.
    public static List<String> values(Partition partition, long upper) throws IOException {
        List<String> values = new ArrayList<>();
        for (BatchHeader batch : batches(partition, 0, upper)) {
            for (Record record : RecordReader.readAll(batch, UNPACKED_BYTES_MAX)) {
                while (values.size() < record.offset()) values.add(NOTHING);
                var value = record.value();
                values.add(value == null ? "" : value.toUtf8());
            }
        }
        return values;
    }
}
