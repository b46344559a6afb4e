package dev.tidemark.broker.fetch;

import dev.tidemark.base.time.Clock;
import dev.tidemark.storage.segment.FileRecords;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.Executor;

/// Reads on threads that may wait for the disk, and brings records into the page cache there before a loop sends them.
/// What is in memory already, as the first and the last byte show, is not read.
final class ColdRecords {
    private static final int CHUNK_BYTES = 64 << 10;
    /// A byte that lies in memory comes within microseconds; a disk needs more than this.
    private static final long FROM_MEMORY_NS_MAX = 100_000;

    private final Executor diskThreads;
    private final Clock clock;

    ColdRecords(Executor diskThreads, Clock clock) {
        this.diskThreads = diskThreads;
        this.clock = clock;
    }

    void execute(Runnable reading) {
        diskThreads.execute(reading);
    }

    void warm(List<PartitionRead> reads) {
        ByteBuffer chunk = null;
        for (PartitionRead read : reads) {
            if (!(read.records() instanceof FileRecords records) || records.sizeInBytes() == 0) continue;
            if (isInMemory(records)) continue;
            if (chunk == null) chunk = ByteBuffer.allocate(CHUNK_BYTES);
            readAll(records, chunk);
        }
    }

    private boolean isInMemory(FileRecords records) {
        long beganNs = clock.monotonicNs();
        ByteBuffer one = ByteBuffer.allocate(1);
        try {
            records.read(one, 0);
            records.read(one.clear(), records.sizeInBytes() - 1);
        } catch (IOException failure) {
            return true; // The sender will meet it too, and say so.
        }
        return clock.monotonicNs() - beganNs < FROM_MEMORY_NS_MAX;
    }

    private static void readAll(FileRecords records, ByteBuffer chunk) {
        try {
            for (int at = 0; at < records.sizeInBytes(); at += CHUNK_BYTES) records.read(chunk.clear(), at);
        } catch (IOException failure) {
            // As above.
        }
    }
}
