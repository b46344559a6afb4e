package dev.tidemark.coordinator.group.offsets;

import dev.tidemark.base.Uuid;
import dev.tidemark.coordinator.group.ClientContext;
import dev.tidemark.coordinator.group.GroupFact;
import dev.tidemark.coordinator.group.MetadataView;
import dev.tidemark.coordinator.group.Plan;
import dev.tidemark.protocol.ErrorCode;
import dev.tidemark.protocol.message.OffsetCommitRequest;
import dev.tidemark.protocol.message.OffsetCommitRequest.OffsetCommitRequestPartition;
import dev.tidemark.protocol.message.OffsetCommitRequest.OffsetCommitRequestTopic;
import dev.tidemark.protocol.message.OffsetCommitResponse;
import dev.tidemark.protocol.message.OffsetCommitResponse.OffsetCommitResponsePartition;
import dev.tidemark.protocol.message.OffsetCommitResponse.OffsetCommitResponseTopic;
import java.util.ArrayList;
import java.util.List;

/// OffsetCommit, once the group has let the caller in. Version 10 names topics by id.
public final class OffsetCommit {
    private static final short TOPIC_ID_VERSION = 10;

    /// Whether the caller may commit this partition. A group of the consumer protocol asks for each partition by
    /// itself.
    public interface Gate {
        ErrorCode check(Uuid topicId, int partition);
    }

    private final Plan plan;
    private final MetadataView metadata;
    private final int metadataBytesMax;
    private final long nowMs;

    public OffsetCommit(Plan plan, MetadataView metadata, int metadataBytesMax, long nowMs) {
        this.plan = plan;
        this.metadata = metadata;
        this.metadataBytesMax = metadataBytesMax;
        this.nowMs = nowMs;
    }

    public OffsetCommitResponse commit(ClientContext client, OffsetCommitRequest request, Gate gate) {
        long expireMs = request.retentionTimeMs() < 0
                ? CommittedOffset.NO_TIMESTAMP
                : nowMs + Math.min(request.retentionTimeMs(), Long.MAX_VALUE - nowMs);
        boolean byId = client.apiVersion() >= TOPIC_ID_VERSION;
        List<OffsetCommitResponseTopic> topics =
                new ArrayList<>(request.topics().size());
        for (OffsetCommitRequestTopic requested : request.topics()) {
            MetadataView.Topic topic = byId ? metadata.topic(requested.topicId()) : metadata.topic(requested.name());
            ErrorCode unknown = byId ? ErrorCode.UNKNOWN_TOPIC_ID : ErrorCode.UNKNOWN_TOPIC_OR_PARTITION;
            List<OffsetCommitResponsePartition> partitions =
                    new ArrayList<>(requested.partitions().size());
            for (OffsetCommitRequestPartition partition : requested.partitions()) {
                ErrorCode error = topic == null ? unknown : commit(topic, partition, expireMs, gate);
                partitions.add(partition(partition.partitionIndex(), error));
            }
            topics.add(topic(requested, partitions));
        }
        return OffsetCommitResponse.builder().topics(topics).build();
    }

    private ErrorCode commit(
            MetadataView.Topic topic, OffsetCommitRequestPartition partition, long expireMs, Gate gate) {
        int index = partition.partitionIndex();
        if (index < 0 || index >= topic.partitions()) return ErrorCode.UNKNOWN_TOPIC_OR_PARTITION;
        if (partition.committedOffset() < 0) return ErrorCode.INVALID_REQUEST;
        String text = partition.committedMetadata();
        // Kafka counts characters here.
        if (text != null && text.length() > metadataBytesMax) return ErrorCode.OFFSET_METADATA_TOO_LARGE;
        ErrorCode error = gate.check(topic.id(), index);
        if (error != ErrorCode.NONE) return error;
        CommittedOffset offset = new CommittedOffset(
                partition.committedOffset(),
                partition.committedLeaderEpoch(),
                text == null || text.isEmpty() ? "" : text,
                nowMs,
                expireMs,
                topic.id());
        plan.fact(new GroupFact.OffsetCommitted(topic.name(), index, offset));
        return ErrorCode.NONE;
    }

    /// The same error for all partitions.
    public static OffsetCommitResponse refused(OffsetCommitRequest request, ErrorCode error) {
        List<OffsetCommitResponseTopic> topics = new ArrayList<>();
        for (OffsetCommitRequestTopic requested : request.topics()) {
            List<OffsetCommitResponsePartition> partitions = new ArrayList<>();
            for (OffsetCommitRequestPartition partition : requested.partitions())
                partitions.add(partition(partition.partitionIndex(), error));
            topics.add(topic(requested, partitions));
        }
        return OffsetCommitResponse.builder().topics(topics).build();
    }

    private static OffsetCommitResponseTopic topic(
            OffsetCommitRequestTopic requested, List<OffsetCommitResponsePartition> partitions) {
        return OffsetCommitResponseTopic.builder()
                .name(requested.name())
                .topicId(requested.topicId())
                .partitions(partitions)
                .build();
    }

    private static OffsetCommitResponsePartition partition(int index, ErrorCode error) {
        return OffsetCommitResponsePartition.builder()
                .partitionIndex(index)
                .errorCode(error)
                .build();
    }
}
