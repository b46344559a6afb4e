package dev.tidemark.storage.log;

import dev.tidemark.protocol.record.Compression;
import dev.tidemark.protocol.record.CompressionType;
import org.jspecify.annotations.Nullable;

/// What a log is told by its topic's and its broker's configuration. Immutable; a change gives a new one
/// ([PartitionLog#onConfigChange]).
///
/// @param delete `cleanup.policy` has `delete`
/// @param compact `cleanup.policy` has `compact`
/// @param segmentBytes `segment.bytes`
/// @param segmentMs `segment.ms`
/// @param segmentJitterMs `segment.jitter.ms`
/// @param segmentIndexBytes `segment.index.bytes`
/// @param indexIntervalBytes `index.interval.bytes`
/// @param flushMessages `flush.messages`
/// @param flushMs `flush.ms`
/// @param flushBeforeAck `flush.before.ack`: a record counts as held by this replica only once it is on the disk
/// @param retentionBytes `retention.bytes`, -1 for no bound
/// @param retentionMs `retention.ms`, -1 for ever
/// @param maxMessageBytes `max.message.bytes`: the largest batch
/// @param maxDecompressedBytes `max.decompressed.message.bytes`: what a batch may unpack to where it must be unpacked
/// @param fileDeleteDelayMs `file.delete.delay.ms`
/// @param deleteRetentionMs `delete.retention.ms`
/// @param minCompactionLagMs `min.compaction.lag.ms`
/// @param maxCompactionLagMs `max.compaction.lag.ms`
/// @param minCleanableDirtyRatio `min.cleanable.dirty.ratio`
/// @param timestampType `message.timestamp.type`
/// @param timestampBeforeMaxMs `message.timestamp.before.max.ms`
/// @param timestampAfterMaxMs `message.timestamp.after.max.ms`
/// @param compression `compression.type` with its level; null for `producer`
/// @param minInSyncReplicas `min.insync.replicas`
/// @param producerIdExpirationMs the broker's `producer.id.expiration.ms`
public record LogConfig(
        boolean delete,
        boolean compact,
        int segmentBytes,
        long segmentMs,
        long segmentJitterMs,
        int segmentIndexBytes,
        int indexIntervalBytes,
        long flushMessages,
        long flushMs,
        boolean flushBeforeAck,
        long retentionBytes,
        long retentionMs,
        int maxMessageBytes,
        int maxDecompressedBytes,
        long fileDeleteDelayMs,
        long deleteRetentionMs,
        long minCompactionLagMs,
        long maxCompactionLagMs,
        double minCleanableDirtyRatio,
        TimestampType timestampType,
        long timestampBeforeMaxMs,
        long timestampAfterMaxMs,
        @Nullable Compression compression,
        int minInSyncReplicas,
        long producerIdExpirationMs) {
    /// Kafka's defaults.
    public static final LogConfig DEFAULT = builder().build();

    public static Builder builder() {
        return new Builder();
    }

    public Builder toBuilder() {
        Builder builder = new Builder();
        builder.delete = delete;
        builder.compact = compact;
        builder.segmentBytes = segmentBytes;
        builder.segmentMs = segmentMs;
        builder.segmentJitterMs = segmentJitterMs;
        builder.segmentIndexBytes = segmentIndexBytes;
        builder.indexIntervalBytes = indexIntervalBytes;
        builder.flushMessages = flushMessages;
        builder.flushMs = flushMs;
        builder.flushBeforeAck = flushBeforeAck;
        builder.retentionBytes = retentionBytes;
        builder.retentionMs = retentionMs;
        builder.maxMessageBytes = maxMessageBytes;
        builder.maxDecompressedBytes = maxDecompressedBytes;
        builder.fileDeleteDelayMs = fileDeleteDelayMs;
        builder.deleteRetentionMs = deleteRetentionMs;
        builder.minCompactionLagMs = minCompactionLagMs;
        builder.maxCompactionLagMs = maxCompactionLagMs;
        builder.minCleanableDirtyRatio = minCleanableDirtyRatio;
        builder.timestampType = timestampType;
        builder.timestampBeforeMaxMs = timestampBeforeMaxMs;
        builder.timestampAfterMaxMs = timestampAfterMaxMs;
        builder.compression = compression;
        builder.minInSyncReplicas = minInSyncReplicas;
        builder.producerIdExpirationMs = producerIdExpirationMs;
        return builder;
    }

    /// Begins with Kafka's defaults.
    public static final class Builder {
        private boolean delete = true;
        private boolean compact = false;
        private int segmentBytes = 1 << 30;
        private long segmentMs = 7L * 24 * 60 * 60 * 1000;
        private long segmentJitterMs = 0;
        private int segmentIndexBytes = 10 << 20;
        private int indexIntervalBytes = 4096;
        private long flushMessages = Long.MAX_VALUE;
        private long flushMs = Long.MAX_VALUE;
        private boolean flushBeforeAck = false;
        private long retentionBytes = -1;
        private long retentionMs = 7L * 24 * 60 * 60 * 1000;
        private int maxMessageBytes = 1_048_588;
        private int maxDecompressedBytes = Integer.MAX_VALUE - 8;
        private long fileDeleteDelayMs = 60_000;
        private long deleteRetentionMs = 24L * 60 * 60 * 1000;
        private long minCompactionLagMs = 0;
        private long maxCompactionLagMs = Long.MAX_VALUE;
        private double minCleanableDirtyRatio = 0.5;
        private TimestampType timestampType = TimestampType.CREATE_TIME;
        private long timestampBeforeMaxMs = Long.MAX_VALUE;
        private long timestampAfterMaxMs = 60L * 60 * 1000;
        private @Nullable Compression compression = null;
        private int minInSyncReplicas = 1;
        private long producerIdExpirationMs = 24L * 60 * 60 * 1000;

        private Builder() {}

        public Builder delete(boolean value) {
            delete = value;
            return this;
        }

        public Builder compact(boolean value) {
            compact = value;
            return this;
        }

        public Builder segmentBytes(int value) {
            segmentBytes = value;
            return this;
        }

        public Builder segmentMs(long value) {
            segmentMs = value;
            return this;
        }

        public Builder segmentJitterMs(long value) {
            segmentJitterMs = value;
            return this;
        }

        public Builder segmentIndexBytes(int value) {
            segmentIndexBytes = value;
            return this;
        }

        public Builder indexIntervalBytes(int value) {
            indexIntervalBytes = value;
            return this;
        }

        public Builder flushMessages(long value) {
            flushMessages = value;
            return this;
        }

        public Builder flushMs(long value) {
            flushMs = value;
            return this;
        }

        public Builder flushBeforeAck(boolean value) {
            flushBeforeAck = value;
            return this;
        }

        public Builder retentionBytes(long value) {
            retentionBytes = value;
            return this;
        }

        public Builder retentionMs(long value) {
            retentionMs = value;
            return this;
        }

        public Builder maxMessageBytes(int value) {
            maxMessageBytes = value;
            return this;
        }

        public Builder maxDecompressedBytes(int value) {
            maxDecompressedBytes = value;
            return this;
        }

        public Builder fileDeleteDelayMs(long value) {
            fileDeleteDelayMs = value;
            return this;
        }

        public Builder deleteRetentionMs(long value) {
            deleteRetentionMs = value;
            return this;
        }

        public Builder minCompactionLagMs(long value) {
            minCompactionLagMs = value;
            return this;
        }

        public Builder maxCompactionLagMs(long value) {
            maxCompactionLagMs = value;
            return this;
        }

        public Builder minCleanableDirtyRatio(double value) {
            minCleanableDirtyRatio = value;
            return this;
        }

        public Builder timestampType(TimestampType value) {
            timestampType = value;
            return this;
        }

        public Builder timestampBeforeMaxMs(long value) {
            timestampBeforeMaxMs = value;
            return this;
        }

        public Builder timestampAfterMaxMs(long value) {
            timestampAfterMaxMs = value;
            return this;
        }

        public Builder compression(@Nullable Compression value) {
            compression = value;
            return this;
        }

        /// As `compression.type` and the levels of each codec say it.
        ///
        /// @param type `producer`, `uncompressed`, or a codec's name
        public Builder compression(String type, int gzipLevel, int lz4Level, int zstdLevel) {
            return compression(
                    switch (type) {
                        case "producer" -> null;
                        case "uncompressed" -> Compression.NONE;
                        case "gzip" -> new Compression(CompressionType.GZIP, gzipLevel);
                        case "snappy" -> Compression.of(CompressionType.SNAPPY);
                        case "lz4" -> new Compression(CompressionType.LZ4, lz4Level);
                        case "zstd" -> new Compression(CompressionType.ZSTD, zstdLevel);
                        default -> throw new IllegalArgumentException("compression.type '" + type + "' is unknown");
                    });
        }

        public Builder minInSyncReplicas(int value) {
            minInSyncReplicas = value;
            return this;
        }

        public Builder producerIdExpirationMs(long value) {
            producerIdExpirationMs = value;
            return this;
        }

        public LogConfig build() {
            return new LogConfig(
                    delete,
                    compact,
                    segmentBytes,
                    segmentMs,
                    segmentJitterMs,
                    segmentIndexBytes,
                    indexIntervalBytes,
                    flushMessages,
                    flushMs,
                    flushBeforeAck,
                    retentionBytes,
                    retentionMs,
                    maxMessageBytes,
                    maxDecompressedBytes,
                    fileDeleteDelayMs,
                    deleteRetentionMs,
                    minCompactionLagMs,
                    maxCompactionLagMs,
                    minCleanableDirtyRatio,
                    timestampType,
                    timestampBeforeMaxMs,
                    timestampAfterMaxMs,
                    compression,
                    minInSyncReplicas,
                    producerIdExpirationMs);
        }
    }
}
