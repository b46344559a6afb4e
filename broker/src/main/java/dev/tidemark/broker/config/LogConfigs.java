package dev.tidemark.broker.config;

import dev.tidemark.base.config.ConfigValues;
import dev.tidemark.storage.log.LogConfig;
import dev.tidemark.storage.log.TimestampType;
import java.util.List;

/// What a topic's configs mean for its logs.
public final class LogConfigs {
    private LogConfigs() {}

    /// @param topic a topic's values, which stand on the broker's
    /// @param broker the broker's own, for what is not a topic's to say
    public static LogConfig of(ConfigValues topic, ConfigValues broker) {
        List<String> policies = topic.listValue("cleanup.policy");
        return LogConfig.builder()
                .delete(policies.contains("delete"))
                .compact(policies.contains("compact"))
                .segmentBytes(segmentBytes(topic))
                .segmentMs(topic.longValue("segment.ms"))
                .segmentJitterMs(topic.longValue("segment.jitter.ms"))
                .segmentIndexBytes(topic.intValue("segment.index.bytes"))
                .indexIntervalBytes(topic.intValue("index.interval.bytes"))
                .flushMessages(topic.longValue("flush.messages"))
                .flushMs(topic.longValue("flush.ms"))
                .flushBeforeAck(topic.booleanValue("flush.before.ack"))
                .retentionBytes(topic.longValue("retention.bytes"))
                .retentionMs(topic.longValue("retention.ms"))
                .maxMessageBytes(topic.intValue("max.message.bytes"))
                .maxDecompressedBytes(topic.intValue("max.decompressed.message.bytes"))
                .fileDeleteDelayMs(topic.longValue("file.delete.delay.ms"))
                .deleteRetentionMs(topic.longValue("delete.retention.ms"))
                .minCompactionLagMs(topic.longValue("min.compaction.lag.ms"))
                .maxCompactionLagMs(topic.longValue("max.compaction.lag.ms"))
                .minCleanableDirtyRatio(topic.doubleValue("min.cleanable.dirty.ratio"))
                .timestampType(
                        topic.stringValue("message.timestamp.type").equals("LogAppendTime")
                                ? TimestampType.LOG_APPEND_TIME
                                : TimestampType.CREATE_TIME)
                .timestampBeforeMaxMs(topic.longValue("message.timestamp.before.max.ms"))
                .timestampAfterMaxMs(topic.longValue("message.timestamp.after.max.ms"))
                .compression(
                        topic.stringValue("compression.type"),
                        topic.intValue("compression.gzip.level"),
                        topic.intValue("compression.lz4.level"),
                        topic.intValue("compression.zstd.level"))
                .minInSyncReplicas(topic.intValue("min.insync.replicas"))
                .producerIdExpirationMs(broker.intValue("producer.id.expiration.ms"))
                .build();
    }

    private static int segmentBytes(ConfigValues topic) {
        return topic.value("internal.segment.bytes")
                .map(Integer.class::cast)
                .orElseGet(() -> topic.intValue("segment.bytes"));
    }
}
