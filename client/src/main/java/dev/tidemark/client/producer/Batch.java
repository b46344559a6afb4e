package dev.tidemark.client.producer;

import dev.tidemark.base.TopicPartition;
import dev.tidemark.client.ClientException;
import dev.tidemark.protocol.record.BatchHeader;
import dev.tidemark.protocol.record.Compression;
import dev.tidemark.protocol.record.RecordBatchBuilder;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/// Records of one partition that travel together. Owner: the sender's serial. Life cycle: open while records are added;
/// closed, which encodes and compresses them into memory of its own; sent, maybe more than once; done, once.
final class Batch {
    static final int NO_SEQUENCE = BatchHeader.NO_SEQUENCE;

    /// A record's future, and what its metadata needs.
    record Sent(ProducerRecord record, long timestampMs, long queuedMs, CompletableFuture<RecordMetadata> future) {}

    final TopicPartition partition;
    final long createdMs;
    final CompletableFuture<Void> done = new CompletableFuture<>();
    private final List<Sent> records = new ArrayList<>();

    @Nullable
    private RecordBatchBuilder builder;

    @Nullable
    private ByteBuffer encoded;

    private int reservedBytes;
    int baseSequence = NO_SEQUENCE;
    int attempts;
    boolean isSequenceReset;

    Batch(TopicPartition partition, Compression compression, long nowMs) {
        this.partition = partition;
        this.createdMs = nowMs;
        this.builder = new RecordBatchBuilder(compression);
    }

    boolean fits(ProducerRecord record, int bytesMax) {
        return builder != null && builder.uncompressedBytes() + record.bytesMax() <= bytesMax;
    }

    void add(Sent sent) {
        ProducerRecord record = sent.record();
        if (builder == null) throw new IllegalStateException("closed");
        builder.add(sent.timestampMs(), record.key(), record.value(), record.headers());
        records.add(sent);
        reservedBytes += record.bytesMax();
    }

    /// No record comes in any more.
    void close() {
        if (builder == null) return;
        encoded = builder.build();
        builder = null;
    }

    int recordCount() {
        return records.size();
    }

    /// What [Producer#send] reserved for its records.
    int reservedBytes() {
        return reservedBytes;
    }

    int sizeInBytes() {
        return encoded().remaining();
    }

    ByteBuffer encoded() {
        if (encoded == null) throw new IllegalStateException("still open");
        return encoded;
    }

    /// Before each attempt: the identity may have changed since the last.
    void stamp(long producerId, short producerEpoch) {
        BatchHeader header = new BatchHeader(encoded(), 0);
        header.setProducer(producerId, producerEpoch, baseSequence);
        header.writeCrc();
    }

    /// Its records in two batches, closed as this one, for a broker that found it too large.
    List<Batch> halves(Compression compression) {
        int half = records.size() / 2;
        int secondSequence = baseSequence == NO_SEQUENCE ? NO_SEQUENCE : (baseSequence + half) & Integer.MAX_VALUE;
        return List.of(
                part(0, half, baseSequence, compression), part(half, records.size(), secondSequence, compression));
    }

    private Batch part(int from, int to, int sequence, Compression compression) {
        Batch part = new Batch(partition, compression, createdMs);
        for (Sent sent : records.subList(from, to)) part.add(sent);
        part.close();
        part.baseSequence = sequence;
        part.attempts = attempts;
        return part;
    }

    /// @param baseOffset -1 where it is not known
    /// @param logAppendTimeMs -1 where records keep their own time
    void succeed(long baseOffset, long logAppendTimeMs) {
        encoded = null;
        for (int i = 0; i < records.size(); i++) {
            Sent sent = records.get(i);
            long offset = baseOffset < 0 ? -1 : baseOffset + i;
            long timestampMs = logAppendTimeMs < 0 ? sent.timestampMs() : logAppendTimeMs;
            sent.future().complete(new RecordMetadata(partition, offset, timestampMs));
        }
        done.complete(null);
    }

    /// @param failureOf the failure of the record at an index
    void fail(IntFunction<ClientException> failureOf) {
        encoded = null;
        for (int i = 0; i < records.size(); i++) records.get(i).future().completeExceptionally(failureOf.apply(i));
        done.complete(null);
    }
}
