package dev.tidemark.broker.admin;

import dev.tidemark.broker.dispatch.Call;
import dev.tidemark.broker.dispatch.Handler;
import dev.tidemark.metadata.control.ControllerGateway;
import dev.tidemark.metadata.controller.ControllerInput;
import dev.tidemark.metadata.controller.ControllerReply.TopicOutcome;
import dev.tidemark.metadata.controller.PartitionsRequest;
import dev.tidemark.protocol.ApiKey;
import dev.tidemark.protocol.ErrorCode;
import dev.tidemark.protocol.message.CreatePartitionsRequest;
import dev.tidemark.protocol.message.CreatePartitionsRequest.CreatePartitionsAssignment;
import dev.tidemark.protocol.message.CreatePartitionsRequest.CreatePartitionsTopic;
import dev.tidemark.protocol.message.CreatePartitionsResponse;
import dev.tidemark.protocol.message.CreatePartitionsResponse.CreatePartitionsTopicResult;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/// CreatePartitions 0-3: raises the number of a topic's partitions. A topic that is named twice is refused.
public final class CreatePartitionsHandler implements Handler<CreatePartitionsRequest> {
    private final ControllerGateway controller;
    private final RandomGenerator random;

    public CreatePartitionsHandler(ControllerGateway controller, RandomGenerator random) {
        this.controller = controller;
        this.random = random;
    }

    @Override
    public ApiKey api() {
        return ApiKey.CREATE_PARTITIONS;
    }

    @Override
    public Class<CreatePartitionsRequest> requestType() {
        return CreatePartitionsRequest.class;
    }

    @Override
    public void handle(CreatePartitionsRequest request, Call call) {
        Set<String> twice = namedTwice(request);
        List<CreatePartitionsTopicResult> results = new ArrayList<>();
        for (String topic : twice) {
            results.add(result(topic, ErrorCode.INVALID_REQUEST, "The request names the topic more than once."));
        }
        List<PartitionsRequest> wanted = request.topics().stream()
                .filter(topic -> !twice.contains(topic.name()))
                .map(CreatePartitionsHandler::partitionsRequest)
                .toList();
        var _ = controller
                .createPartitions(new ControllerInput.CreatePartitions(
                        wanted, request.validateOnly(), ControllerInput.Origin.CLIENT, random.nextInt(1 << 20)))
                .handle((created, failure) -> {
                    if (created != null) {
                        for (TopicOutcome topic : created.topics()) {
                            results.add(result(
                                    topic.topic(),
                                    topic.outcome().error(),
                                    topic.outcome().message()));
                        }
                    } else {
                        Refusal why = Refusal.of(failure);
                        for (PartitionsRequest topic : wanted) {
                            results.add(result(topic.topic(), why.error(), why.message()));
                        }
                    }
                    call.reply(
                            CreatePartitionsResponse.builder().results(results).build());
                    return null;
                });
    }

    private static Set<String> namedTwice(CreatePartitionsRequest request) {
        Set<String> seen = new HashSet<>();
        Set<String> twice = new HashSet<>();
        for (CreatePartitionsTopic topic : request.topics()) {
            if (!seen.add(topic.name())) twice.add(topic.name());
        }
        return twice;
    }

    private static PartitionsRequest partitionsRequest(CreatePartitionsTopic topic) {
        List<List<Integer>> assignments = topic.assignments() == null
                ? List.of()
                : topic.assignments().stream()
                        .map(CreatePartitionsAssignment::brokerIds)
                        .toList();
        return new PartitionsRequest(topic.name(), topic.count(), assignments);
    }

    private static CreatePartitionsTopicResult result(String topic, ErrorCode error, @Nullable String message) {
        return CreatePartitionsTopicResult.builder()
                .name(topic)
                .errorCode(error.code())
                .errorMessage(message)
                .build();
    }
}
