package dev.tidemark.network;

import dev.tidemark.protocol.message.FetchResponse;
import dev.tidemark.protocol.message.Response;
import dev.tidemark.protocol.record.RecordBytes;
import dev.tidemark.storage.segment.FileRecords;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/// Brings records from the disk into the page cache before a loop sends them, so that no loop waits for a disk. Only
/// for connections whose records have shown to be cold: for the others it would be a copy for nothing.
///
/// Owner: the server. At most one task for each connection, so the queue needs no bound of its own.
final class ColdReads {
    private static final int THREADS = 2;
    private static final int CHUNK_BYTES = 128 << 10;
    private static final long PATIENCE_NS = 2_000_000;
    private static final long SLOW_NS_PER_BYTE = 2;

    private final ThreadPoolExecutor threads;
    /// One for each thread, for good: a buffer for each task would be direct memory that only the collector gives back.
    private final Queue<ByteBuffer> chunks = new ConcurrentLinkedQueue<>();

    ColdReads() {
        for (int i = 0; i < THREADS; i++) chunks.add(ByteBuffer.allocateDirect(CHUNK_BYTES));
        threads = new ThreadPoolExecutor(THREADS, THREADS, 10, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), task -> {
            Thread thread = new Thread(task, "tidemark-cold-reads");
            thread.setDaemon(true);
            return thread;
        });
        threads.allowCoreThreadTimeOut(true);
    }

    /// Whether `bytes` took so long that they cannot have come from memory.
    static boolean isSlow(long bytes, long tookNs) {
        return tookNs > PATIENCE_NS + bytes * SLOW_NS_PER_BYTE;
    }

    /// What a reply takes from files.
    static List<FileRecords> recordsOf(Response response) {
        List<FileRecords> found = new ArrayList<>();
        if (response instanceof FetchResponse fetch) {
            for (FetchResponse.FetchableTopicResponse topic : fetch.responses()) {
                for (FetchResponse.PartitionData partition : topic.partitions()) {
                    RecordBytes records = partition.records();
                    if (records instanceof FileRecords file && file.sizeInBytes() > 0) found.add(file);
                }
            }
        }
        return found;
    }

    /// What is told when the records have been read once.
    interface Then {
        /// From another thread; `wereCold` says whether the disk was in it.
        void onRead(boolean wereCold);
    }

    /// Reads `records`, which must not be released before `then` is told.
    void read(List<FileRecords> records, Then then) {
        try {
            threads.execute(() -> then.onRead(readWithChunk(records)));
        } catch (RejectedExecutionException closed) {
            then.onRead(false);
        }
    }

    private boolean readWithChunk(List<FileRecords> records) {
        ByteBuffer chunk = chunks.remove();
        try {
            return readAll(records, chunk);
        } finally {
            chunks.add(chunk);
        }
    }

    private static boolean readAll(List<FileRecords> records, ByteBuffer chunk) {
        long beganNs = System.nanoTime();
        long bytes = 0;
        for (FileRecords file : records) {
            for (int at = 0; at < file.sizeInBytes(); at += CHUNK_BYTES) {
                try {
                    file.read(chunk.clear(), at);
                } catch (IOException failure) {
                    return false; // The sender will meet it too, and say so.
                }
            }
            bytes += file.sizeInBytes();
        }
        return isSlow(bytes, System.nanoTime() - beganNs);
    }

    void close() {
        threads.shutdownNow();
    }
}
