package dev.tidemark.coordinator.group;

import dev.tidemark.protocol.ErrorCode;
import dev.tidemark.protocol.message.OffsetCommitRequest;
import dev.tidemark.protocol.message.OffsetCommitRequest.OffsetCommitRequestPartition;
import dev.tidemark.protocol.message.OffsetCommitRequest.OffsetCommitRequestTopic;
import dev.tidemark.protocol.message.OffsetCommitResponse;
import dev.tidemark.protocol.message.TxnOffsetCommitRequest;
import dev.tidemark.protocol.message.TxnOffsetCommitResponse;
import dev.tidemark.protocol.message.TxnOffsetCommitResponse.TxnOffsetCommitResponsePartition;
import dev.tidemark.protocol.message.TxnOffsetCommitResponse.TxnOffsetCommitResponseTopic;
import java.util.ArrayList;
import java.util.List;

/// TxnOffsetCommit as an OffsetCommit, and back.
final class TxnOffsets {
    private static final short FIRST_VERSION_WITH_TOPIC_IDS = 6;
    private static final short COMMIT_BY_ID = 10;
    private static final short COMMIT_BY_NAME = 9;

    private TxnOffsets() {}

    static ClientContext toCommit(ClientContext client) {
        short version = client.apiVersion() >= FIRST_VERSION_WITH_TOPIC_IDS ? COMMIT_BY_ID : COMMIT_BY_NAME;
        return new ClientContext(client.clientId(), client.clientHost(), version);
    }

    static OffsetCommitRequest toCommit(TxnOffsetCommitRequest request) {
        List<OffsetCommitRequestTopic> topics = new ArrayList<>();
        for (TxnOffsetCommitRequest.TxnOffsetCommitRequestTopic topic : request.topics()) {
            List<OffsetCommitRequestPartition> partitions = new ArrayList<>();
            for (TxnOffsetCommitRequest.TxnOffsetCommitRequestPartition partition : topic.partitions())
                partitions.add(OffsetCommitRequestPartition.builder()
                        .partitionIndex(partition.partitionIndex())
                        .committedOffset(partition.committedOffset())
                        .committedLeaderEpoch(partition.committedLeaderEpoch())
                        .committedMetadata(partition.committedMetadata())
                        .build());
            topics.add(OffsetCommitRequestTopic.builder()
                    .name(topic.name())
                    .topicId(topic.topicId())
                    .partitions(partitions)
                    .build());
        }
        return OffsetCommitRequest.builder()
                .groupId(request.groupId())
                .generationIdOrMemberEpoch(request.generationIdOrMemberEpoch())
                .memberId(request.memberId())
                .groupInstanceId(request.groupInstanceId())
                .topics(topics)
                .build();
    }

    static TxnOffsetCommitResponse fromCommit(OffsetCommitResponse response, ClientContext client) {
        List<TxnOffsetCommitResponseTopic> topics = new ArrayList<>();
        for (OffsetCommitResponse.OffsetCommitResponseTopic topic : response.topics()) {
            List<TxnOffsetCommitResponsePartition> partitions = new ArrayList<>();
            for (OffsetCommitResponse.OffsetCommitResponsePartition partition : topic.partitions())
                partitions.add(TxnOffsetCommitResponsePartition.builder()
                        .partitionIndex(partition.partitionIndex())
                        .errorCode(told(ErrorCode.forCode(partition.errorCode()), client))
                        .build());
            topics.add(TxnOffsetCommitResponseTopic.builder()
                    .name(topic.name())
                    .topicId(topic.topicId())
                    .partitions(partitions)
                    .build());
        }
        return TxnOffsetCommitResponse.builder().topics(topics).build();
    }

    /// Older clients know no errors of the consumer protocol.
    private static ErrorCode told(ErrorCode error, ClientContext client) {
        boolean isOld = client.apiVersion() < FIRST_VERSION_WITH_TOPIC_IDS;
        return isOld && (error == ErrorCode.STALE_MEMBER_EPOCH || error == ErrorCode.GROUP_ID_NOT_FOUND)
                ? ErrorCode.ILLEGAL_GENERATION
                : error;
    }

    /// The same error for all partitions.
    static TxnOffsetCommitResponse refused(TxnOffsetCommitRequest request, ErrorCode error) {
        List<TxnOffsetCommitResponseTopic> topics = new ArrayList<>();
        for (TxnOffsetCommitRequest.TxnOffsetCommitRequestTopic topic : request.topics()) {
            List<TxnOffsetCommitResponsePartition> partitions = topic.partitions().stream()
                    .map(partition -> TxnOffsetCommitResponsePartition.builder()
                            .partitionIndex(partition.partitionIndex())
                            .errorCode(error)
                            .build())
                    .toList();
            topics.add(TxnOffsetCommitResponseTopic.builder()
                    .name(topic.name())
                    .topicId(topic.topicId())
                    .partitions(partitions)
                    .build());
        }
        return TxnOffsetCommitResponse.builder().topics(topics).build();
    }
}
