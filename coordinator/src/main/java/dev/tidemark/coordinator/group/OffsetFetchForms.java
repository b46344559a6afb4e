package dev.tidemark.coordinator.group;

import dev.tidemark.protocol.ErrorCode;
import dev.tidemark.protocol.message.OffsetFetchRequest;
import dev.tidemark.protocol.message.OffsetFetchRequest.OffsetFetchRequestGroup;
import dev.tidemark.protocol.message.OffsetFetchRequest.OffsetFetchRequestTopic;
import dev.tidemark.protocol.message.OffsetFetchRequest.OffsetFetchRequestTopics;
import dev.tidemark.protocol.message.OffsetFetchResponse;
import dev.tidemark.protocol.message.OffsetFetchResponse.OffsetFetchResponseGroup;
import dev.tidemark.protocol.message.OffsetFetchResponse.OffsetFetchResponsePartition;
import dev.tidemark.protocol.message.OffsetFetchResponse.OffsetFetchResponseTopic;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// OffsetFetch had one group up to version 7, and has a list of them since.
final class OffsetFetchForms {
    static final short BATCHED_VERSION = 8;

    /// From this version on one group's answer has an error of its own.
    private static final short GROUP_ERROR_VERSION = 2;

    /// From this version on topics are told by id.
    static final short TOPIC_ID_VERSION = 10;

    private OffsetFetchForms() {}

    /// Without topics that do not exist any more: they have no id to be told by.
    static OffsetFetchResponseGroup byId(OffsetFetchResponseGroup group) {
        return group.toBuilder()
                .topics(group.topics().stream()
                        .filter(topic -> !topic.topicId().isZero())
                        .toList())
                .build();
    }

    static OffsetFetchRequestGroup single(OffsetFetchRequest request) {
        List<OffsetFetchRequestTopic> topics = request.topics();
        return OffsetFetchRequestGroup.builder()
                .groupId(request.groupId())
                .topics(topics == null ? null : batched(topics))
                .build();
    }

    private static List<OffsetFetchRequestTopics> batched(List<OffsetFetchRequestTopic> topics) {
        List<OffsetFetchRequestTopics> batched = new ArrayList<>(topics.size());
        for (OffsetFetchRequestTopic topic : topics) {
            batched.add(OffsetFetchRequestTopics.builder()
                    .name(topic.name())
                    .partitionIndexes(topic.partitionIndexes())
                    .build());
        }
        return batched;
    }

    /// @param asked which partitions; null for all
    static OffsetFetchResponse single(
            OffsetFetchResponseGroup group, @Nullable List<OffsetFetchRequestTopic> asked, short version) {
        ErrorCode error = ErrorCode.forCode(group.errorCode());
        if (error != ErrorCode.NONE && version < GROUP_ERROR_VERSION && asked != null)
            return OffsetFetchResponse.builder().topics(failed(asked, error)).build();
        List<OffsetFetchResponseTopic> topics = new ArrayList<>();
        for (OffsetFetchResponse.OffsetFetchResponseTopics topic : group.topics()) {
            List<OffsetFetchResponsePartition> partitions = new ArrayList<>();
            for (OffsetFetchResponse.OffsetFetchResponsePartitions one : topic.partitions())
                partitions.add(OffsetFetchResponsePartition.builder()
                        .partitionIndex(one.partitionIndex())
                        .committedOffset(one.committedOffset())
                        .committedLeaderEpoch(one.committedLeaderEpoch())
                        .metadata(one.metadata())
                        .errorCode(one.errorCode())
                        .build());
            topics.add(new OffsetFetchResponseTopic(topic.name(), partitions));
        }
        return OffsetFetchResponse.builder().topics(topics).errorCode(error).build();
    }

    private static List<OffsetFetchResponseTopic> failed(List<OffsetFetchRequestTopic> asked, ErrorCode error) {
        List<OffsetFetchResponseTopic> topics = new ArrayList<>();
        for (OffsetFetchRequestTopic topic : asked) {
            List<OffsetFetchResponsePartition> partitions = new ArrayList<>();
            for (int index : topic.partitionIndexes())
                partitions.add(OffsetFetchResponsePartition.builder()
                        .partitionIndex(index)
                        .committedOffset(-1)
                        .metadata("")
                        .errorCode(error)
                        .build());
            topics.add(new OffsetFetchResponseTopic(topic.name(), partitions));
        }
        return topics;
    }
}
