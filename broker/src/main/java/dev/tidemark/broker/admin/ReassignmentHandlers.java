package dev.tidemark.broker.admin;

import dev.tidemark.base.TopicPartition;
import dev.tidemark.broker.cluster.ClusterView;
import dev.tidemark.broker.dispatch.Call;
import dev.tidemark.broker.dispatch.Handler;
import dev.tidemark.broker.handler.ApiHandler;
import dev.tidemark.metadata.control.ControllerGateway;
import dev.tidemark.metadata.controller.ControllerInput;
import dev.tidemark.metadata.controller.ControllerInput.Reassignment;
import dev.tidemark.metadata.controller.ControllerReply.ReassignmentOutcome;
import dev.tidemark.metadata.controller.ControllerReply.ReassignmentsAltered;
import dev.tidemark.metadata.image.ClusterImage;
import dev.tidemark.metadata.image.PartitionRegistration;
import dev.tidemark.metadata.image.TopicImage;
import dev.tidemark.protocol.ApiKey;
import dev.tidemark.protocol.message.AlterPartitionReassignmentsRequest;
import dev.tidemark.protocol.message.AlterPartitionReassignmentsRequest.ReassignablePartition;
import dev.tidemark.protocol.message.AlterPartitionReassignmentsRequest.ReassignableTopic;
import dev.tidemark.protocol.message.AlterPartitionReassignmentsResponse;
import dev.tidemark.protocol.message.AlterPartitionReassignmentsResponse.ReassignablePartitionResponse;
import dev.tidemark.protocol.message.AlterPartitionReassignmentsResponse.ReassignableTopicResponse;
import dev.tidemark.protocol.message.ListPartitionReassignmentsRequest;
import dev.tidemark.protocol.message.ListPartitionReassignmentsRequest.ListPartitionReassignmentsTopics;
import dev.tidemark.protocol.message.ListPartitionReassignmentsResponse;
import dev.tidemark.protocol.message.ListPartitionReassignmentsResponse.OngoingPartitionReassignment;
import dev.tidemark.protocol.message.ListPartitionReassignmentsResponse.OngoingTopicReassignment;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;

/// AlterPartitionReassignments 0-1, which begins and cancels moves of partitions (KIP-455, KIP-860),
/// and ListPartitionReassignments 0, which any broker answers.
public final class ReassignmentHandlers {
    private final ControllerGateway controller;
    private final ClusterView cluster;

    public ReassignmentHandlers(ControllerGateway controller, ClusterView cluster) {
        this.controller = controller;
        this.cluster = cluster;
    }

    public List<Handler<?>> all() {
        return List.of(
                new ApiHandler<>(
                        ApiKey.ALTER_PARTITION_REASSIGNMENTS, AlterPartitionReassignmentsRequest.class, this::alter),
                new ApiHandler<>(
                        ApiKey.LIST_PARTITION_REASSIGNMENTS, ListPartitionReassignmentsRequest.class, this::list));
    }

    private void alter(AlterPartitionReassignmentsRequest request, Call call) {
        List<Reassignment> wanted = new ArrayList<>();
        for (ReassignableTopic topic : request.topics()) {
            for (ReassignablePartition partition : topic.partitions()) {
                wanted.add(new Reassignment(
                        new TopicPartition(topic.name(), partition.partitionIndex()),
                        Optional.ofNullable(partition.replicas())));
            }
        }
        boolean otherFactors = request.allowReplicationFactorChange();
        var _ = controller
                .alterPartitionReassignments(new ControllerInput.AlterPartitionReassignments(wanted, otherFactors))
                .handle((altered, failure) -> {
                    var answer =
                            AlterPartitionReassignmentsResponse.builder().allowReplicationFactorChange(otherFactors);
                    if (altered != null) answer.responses(topics(altered));
                    else {
                        Refusal why = Refusal.of(failure);
                        answer.errorCode(why.error().code()).errorMessage(why.message());
                    }
                    call.reply(answer.build());
                    return null;
                });
    }

    private static List<ReassignableTopicResponse> topics(ReassignmentsAltered altered) {
        Map<String, List<ReassignablePartitionResponse>> byTopic = new LinkedHashMap<>();
        for (ReassignmentOutcome each : altered.partitions()) {
            byTopic.computeIfAbsent(each.partition().topic(), _ -> new ArrayList<>())
                    .add(ReassignablePartitionResponse.builder()
                            .partitionIndex(each.partition().partition())
                            .errorCode(each.outcome().error().code())
                            .errorMessage(each.outcome().message())
                            .build());
        }
        List<ReassignableTopicResponse> topics = new ArrayList<>();
        byTopic.forEach((name, partitions) -> topics.add(ReassignableTopicResponse.builder()
                .name(name)
                .partitions(partitions)
                .build()));
        return topics;
    }

    private void list(ListPartitionReassignmentsRequest request, Call call) {
        ClusterImage image = cluster.image();
        List<OngoingTopicReassignment> topics = new ArrayList<>();
        if (request.topics() == null) {
            for (TopicImage topic : image.topics().byName().values()) {
                addTopic(topic, IntStream.range(0, topic.partitionCount()).toArray(), topics);
            }
        } else {
            for (ListPartitionReassignmentsTopics asked : request.topics()) {
                int[] indexes = asked.partitionIndexes().stream()
                        .mapToInt(Integer::intValue)
                        .distinct()
                        .toArray();
                image.topics().topic(asked.name()).ifPresent(topic -> addTopic(topic, indexes, topics));
            }
        }
        call.reply(ListPartitionReassignmentsResponse.builder().topics(topics).build());
    }

    private static void addTopic(TopicImage topic, int[] indexes, List<OngoingTopicReassignment> to) {
        List<OngoingPartitionReassignment> ongoing = new ArrayList<>();
        for (int index : indexes) {
            topic.partition(index)
                    .filter(PartitionRegistration::isBeingReassigned)
                    .ifPresent(partition -> ongoing.add(OngoingPartitionReassignment.builder()
                            .partitionIndex(index)
                            .replicas(partition.replicas())
                            .addingReplicas(partition.addingReplicas())
                            .removingReplicas(partition.removingReplicas())
                            .build()));
        }
        if (ongoing.isEmpty()) return;
        to.add(OngoingTopicReassignment.builder()
                .name(topic.name())
                .partitions(ongoing)
                .build());
    }
}
