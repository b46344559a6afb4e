package dev.tidemark.broker.admin;

import dev.tidemark.base.TopicPartition;
import dev.tidemark.broker.dispatch.Call;
import dev.tidemark.broker.dispatch.Handler;
import dev.tidemark.metadata.control.ControllerGateway;
import dev.tidemark.metadata.controller.ControllerInput.ElectLeaders;
import dev.tidemark.metadata.controller.ControllerInput.ElectionType;
import dev.tidemark.metadata.controller.ControllerReply.ElectionOutcome;
import dev.tidemark.metadata.controller.ControllerReply.LeadersElected;
import dev.tidemark.protocol.ApiKey;
import dev.tidemark.protocol.ErrorCode;
import dev.tidemark.protocol.message.ElectLeadersRequest;
import dev.tidemark.protocol.message.ElectLeadersRequest.TopicPartitions;
import dev.tidemark.protocol.message.ElectLeadersResponse;
import dev.tidemark.protocol.message.ElectLeadersResponse.PartitionResult;
import dev.tidemark.protocol.message.ElectLeadersResponse.ReplicaElectionResult;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// ElectLeaders 0-2: the preferred replica, or, where no replica in sync is alive, any (KIP-183,
/// KIP-460). Version 0, which has no type, means the preferred one.
public final class ElectLeadersHandler implements Handler<ElectLeadersRequest> {
    private static final byte PREFERRED = 0;
    private static final byte UNCLEAN = 1;

    private final ControllerGateway controller;

    public ElectLeadersHandler(ControllerGateway controller) {
        this.controller = controller;
    }

    @Override
    public ApiKey api() {
        return ApiKey.ELECT_LEADERS;
    }

    @Override
    public Class<ElectLeadersRequest> requestType() {
        return ElectLeadersRequest.class;
    }

    @Override
    public void handle(ElectLeadersRequest request, Call call) {
        byte type = call.version() == 0 ? PREFERRED : request.electionType();
        if (type != PREFERRED && type != UNCLEAN) {
            call.reply(
                    refused(ErrorCode.INVALID_REQUEST, request, call.version(), "There is no election type " + type));
            return;
        }
        ElectionType wanted = type == PREFERRED ? ElectionType.PREFERRED : ElectionType.UNCLEAN;
        var _ = controller
                .electLeaders(new ElectLeaders(wanted, partitions(request)))
                .handle((elected, failure) -> {
                    if (elected != null) call.reply(answer(elected));
                    else {
                        Refusal why = Refusal.of(failure);
                        call.reply(refused(why.error(), request, call.version(), why.message()));
                    }
                    return null;
                });
    }

    private static Optional<List<TopicPartition>> partitions(ElectLeadersRequest request) {
        if (request.topicPartitions() == null) return Optional.empty();
        List<TopicPartition> all = new ArrayList<>();
        for (TopicPartitions topic : request.topicPartitions()) {
            for (int index : topic.partitions()) all.add(new TopicPartition(topic.topic(), index));
        }
        return Optional.of(all.stream().distinct().toList());
    }

    private static ElectLeadersResponse answer(LeadersElected elected) {
        Map<String, List<PartitionResult>> byTopic = new LinkedHashMap<>();
        for (ElectionOutcome each : elected.partitions()) {
            byTopic.computeIfAbsent(each.partition().topic(), _ -> new ArrayList<>())
                    .add(PartitionResult.builder()
                            .partitionId(each.partition().partition())
                            .errorCode(each.outcome().error().code())
                            .errorMessage(each.outcome().message())
                            .build());
        }
        return ElectLeadersResponse.builder()
                .replicaElectionResults(topics(byTopic))
                .build();
    }

    /// Version 0 has no error of its own: each partition says it.
    private static ElectLeadersResponse refused(
            ErrorCode error, ElectLeadersRequest request, short version, String message) {
        if (version > 0) {
            return ElectLeadersResponse.builder().errorCode(error.code()).build();
        }
        Map<String, List<PartitionResult>> byTopic = new LinkedHashMap<>();
        for (TopicPartition id : partitions(request).orElse(List.of())) {
            byTopic.computeIfAbsent(id.topic(), _ -> new ArrayList<>())
                    .add(PartitionResult.builder()
                            .partitionId(id.partition())
                            .errorCode(error.code())
                            .errorMessage(message)
                            .build());
        }
        return ElectLeadersResponse.builder()
                .replicaElectionResults(topics(byTopic))
                .build();
    }

    private static List<ReplicaElectionResult> topics(Map<String, List<PartitionResult>> byTopic) {
        List<ReplicaElectionResult> topics = new ArrayList<>();
        byTopic.forEach((name, partitions) -> topics.add(ReplicaElectionResult.builder()
                .topic(name)
                .partitionResult(partitions)
                .build()));
        return topics;
    }
}
