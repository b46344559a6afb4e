package dev.tidemark.broker.handler;

import dev.tidemark.broker.cluster.ClusterView;
import dev.tidemark.broker.dispatch.Call;
import dev.tidemark.broker.dispatch.Handler;
import dev.tidemark.metadata.controller.TopicNames;
import dev.tidemark.metadata.image.BrokerRegistration;
import dev.tidemark.metadata.image.PartitionRegistration;
import dev.tidemark.metadata.image.TopicImage;
import dev.tidemark.protocol.ApiKey;
import dev.tidemark.protocol.ErrorCode;
import dev.tidemark.protocol.message.DescribeTopicPartitionsRequest;
import dev.tidemark.protocol.message.DescribeTopicPartitionsRequest.TopicRequest;
import dev.tidemark.protocol.message.DescribeTopicPartitionsResponse;
import dev.tidemark.protocol.message.DescribeTopicPartitionsResponse.Cursor;
import dev.tidemark.protocol.message.DescribeTopicPartitionsResponse.DescribeTopicPartitionsResponsePartition;
import dev.tidemark.protocol.message.DescribeTopicPartitionsResponse.DescribeTopicPartitionsResponseTopic;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;

/// DescribeTopicPartitions 0 (KIP-966): pages through topics in the order of their names, at most
/// `max.request.partition.size.limit` partitions a page; all topics where none is named.
public final class DescribeTopicPartitionsHandler implements Handler<DescribeTopicPartitionsRequest> {
    private final ClusterView cluster;
    private final int partitionsMax;

    public DescribeTopicPartitionsHandler(ClusterView cluster, int partitionsMax) {
        this.cluster = cluster;
        this.partitionsMax = partitionsMax;
    }

    @Override
    public ApiKey api() {
        return ApiKey.DESCRIBE_TOPIC_PARTITIONS;
    }

    @Override
    public Class<DescribeTopicPartitionsRequest> requestType() {
        return DescribeTopicPartitionsRequest.class;
    }

    @Override
    public void handle(DescribeTopicPartitionsRequest request, Call call) {
        String firstTopic = request.cursor() == null ? "" : request.cursor().topicName();
        int firstPartition = request.cursor() == null ? 0 : request.cursor().partitionIndex();
        if (firstPartition < 0) {
            call.closeConnection("a cursor with the negative partition " + firstPartition);
            return;
        }
        Page page = new Page(Math.clamp(request.responsePartitionLimit(), 1, partitionsMax));
        for (String name : names(request).tailSet(firstTopic)) {
            page.add(name, name.equals(firstTopic) ? firstPartition : 0);
            if (page.isFull()) break;
        }
        call.reply(page.response());
    }

    private SortedSet<String> names(DescribeTopicPartitionsRequest request) {
        SortedSet<String> names = new TreeSet<>();
        if (request.topics().isEmpty()) {
            names.addAll(cluster.image().topics().byName().keySet());
        }
        for (TopicRequest topic : request.topics()) names.add(topic.name());
        return names;
    }

    /// A reply that grows up to its limit.
    private final class Page {
        private final List<DescribeTopicPartitionsResponseTopic> topics = new ArrayList<>();
        private final DescribeTopicPartitionsResponse.Builder response = DescribeTopicPartitionsResponse.builder();
        private int room;
        private boolean isFull;

        Page(int room) {
            this.room = room;
        }

        boolean isFull() {
            return isFull;
        }

        void add(String name, int from) {
            Optional<TopicImage> found = cluster.image().topics().topic(name);
            if (found.isEmpty()) {
                ErrorCode error = TopicNames.isValid(name)
                        ? ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
                        : ErrorCode.INVALID_TOPIC_EXCEPTION;
                topics.add(DescribeTopicPartitionsResponseTopic.builder()
                        .name(name)
                        .errorCode(error.code())
                        .build());
                return;
            }
            TopicImage topic = found.get();
            int to = Math.min(topic.partitionCount(), from + room);
            List<DescribeTopicPartitionsResponsePartition> partitions = new ArrayList<>();
            for (int index = from; index < to; index++) {
                partitions.add(describe(topic, index));
            }
            room -= partitions.size();
            topics.add(DescribeTopicPartitionsResponseTopic.builder()
                    .name(name)
                    .topicId(topic.id())
                    .isInternal(ClusterView.isInternal(name))
                    .partitions(partitions)
                    .topicAuthorizedOperations(AuthorizedOperations.TOPIC)
                    .build());
            if (to < topic.partitionCount()) {
                isFull = true;
                response.nextCursor(new Cursor(name, to));
            }
        }

        DescribeTopicPartitionsResponse response() {
            return response.topics(topics).build();
        }
    }

    private DescribeTopicPartitionsResponsePartition describe(TopicImage topic, int index) {
        PartitionRegistration partition = topic.partitions().get(index);
        Optional<BrokerRegistration> leader = cluster.leader(topic, index, partition);
        return DescribeTopicPartitionsResponsePartition.builder()
                .partitionIndex(index)
                .errorCode(leader.isPresent() ? ErrorCode.NONE.code() : ErrorCode.LEADER_NOT_AVAILABLE.code())
                .leaderId(leader.map(BrokerRegistration::id).orElse(PartitionRegistration.NO_LEADER))
                .leaderEpoch(partition.leaderEpoch())
                .replicaNodes(partition.replicas())
                .isrNodes(partition.isr())
                .eligibleLeaderReplicas(List.of())
                .lastKnownElr(List.of())
                .offlineReplicas(cluster.offlineReplicas(topic, index, partition.replicas()))
                .build();
    }
}
