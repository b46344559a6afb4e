package dev.tidemark.coordinator.group.offsets;

import dev.tidemark.base.Uuid;
import dev.tidemark.coordinator.group.MetadataView;
import dev.tidemark.protocol.ErrorCode;
import dev.tidemark.protocol.message.OffsetFetchRequest.OffsetFetchRequestGroup;
import dev.tidemark.protocol.message.OffsetFetchRequest.OffsetFetchRequestTopics;
import dev.tidemark.protocol.message.OffsetFetchResponse.OffsetFetchResponseGroup;
import dev.tidemark.protocol.message.OffsetFetchResponse.OffsetFetchResponsePartitions;
import dev.tidemark.protocol.message.OffsetFetchResponse.OffsetFetchResponseTopics;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// OffsetFetch of one group, in the form of version 8 and up. Topics come by id (version 10) or by name.
public final class OffsetFetch {
    private static final GroupOffsets NO_OFFSETS = new GroupOffsets();
    private static final PendingOffsets NOTHING_PENDING = new PendingOffsets();

    private final GroupOffsets offsets;
    private final MetadataView metadata;
    private final PendingOffsets pending;

    /// @param offsets null for a group that is not there: nobody committed anything
    /// @param pending null where offsets that a transaction may still change are told as they are
    public OffsetFetch(@Nullable GroupOffsets offsets, @Nullable PendingOffsets pending, MetadataView metadata) {
        this.offsets = offsets == null ? NO_OFFSETS : offsets;
        this.pending = pending == null ? NOTHING_PENDING : pending;
        this.metadata = metadata;
    }

    public OffsetFetchResponseGroup fetch(OffsetFetchRequestGroup request) {
        List<OffsetFetchRequestTopics> requested = request.topics();
        List<OffsetFetchResponseTopics> topics = new ArrayList<>();
        if (requested == null) {
            for (String name : offsets.topicNames()) topics.add(all(name));
        } else {
            for (OffsetFetchRequestTopics topic : requested) topics.add(some(topic));
        }
        return OffsetFetchResponseGroup.builder()
                .groupId(request.groupId())
                .topics(topics)
                .build();
    }

    private OffsetFetchResponseTopics all(String name) {
        MetadataView.Topic topic = metadata.topic(name);
        Uuid id = topic == null ? Uuid.ZERO : topic.id();
        List<OffsetFetchResponsePartitions> partitions = new ArrayList<>();
        offsets.partitions(name).forEach((index, offset) -> {
            if (pending.has(name, index)) partitions.add(none(index, ErrorCode.UNSTABLE_OFFSET_COMMIT));
            else if (!offset.isOfAnother(id)) partitions.add(found(index, offset));
        });
        return OffsetFetchResponseTopics.builder()
                .name(name)
                .topicId(id)
                .partitions(partitions)
                .build();
    }

    private OffsetFetchResponseTopics some(OffsetFetchRequestTopics requested) {
        boolean byId = !requested.topicId().isZero();
        MetadataView.Topic topic = byId ? metadata.topic(requested.topicId()) : metadata.topic(requested.name());
        String name = topic == null ? requested.name() : topic.name();
        Uuid id = topic == null ? Uuid.ZERO : topic.id();
        List<OffsetFetchResponsePartitions> partitions = new ArrayList<>();
        for (int index : requested.partitionIndexes()) {
            if (byId && topic == null) partitions.add(none(index, ErrorCode.UNKNOWN_TOPIC_ID));
            else partitions.add(one(name, id, index));
        }
        return OffsetFetchResponseTopics.builder()
                .name(name)
                .topicId(requested.topicId())
                .partitions(partitions)
                .build();
    }

    private OffsetFetchResponsePartitions one(String name, Uuid topicId, int index) {
        if (pending.has(name, index)) return none(index, ErrorCode.UNSTABLE_OFFSET_COMMIT);
        CommittedOffset offset = offsets.get(name, index);
        return offset == null || offset.isOfAnother(topicId) ? none(index, ErrorCode.NONE) : found(index, offset);
    }

    private static OffsetFetchResponsePartitions found(int index, CommittedOffset offset) {
        return OffsetFetchResponsePartitions.builder()
                .partitionIndex(index)
                .committedOffset(offset.offset())
                .committedLeaderEpoch(offset.leaderEpoch())
                .metadata(offset.metadata())
                .build();
    }

    private static OffsetFetchResponsePartitions none(int index, ErrorCode error) {
        return OffsetFetchResponsePartitions.builder()
                .partitionIndex(index)
                .committedOffset(CommittedOffset.NO_OFFSET)
                .committedLeaderEpoch(CommittedOffset.NO_LEADER_EPOCH)
                .metadata("")
                .errorCode(error)
                .build();
    }

    public static OffsetFetchResponseGroup refused(String groupId, ErrorCode error) {
        return OffsetFetchResponseGroup.builder()
                .groupId(groupId)
                .errorCode(error)
                .build();
    }
}
