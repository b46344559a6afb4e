package dev.tidemark.broker.admin;

import dev.tidemark.base.Uuid;
import dev.tidemark.broker.dispatch.Call;
import dev.tidemark.broker.dispatch.Handler;
import dev.tidemark.metadata.control.ControllerGateway;
import dev.tidemark.metadata.controller.ControllerInput;
import dev.tidemark.metadata.controller.ControllerReply.TopicCreation;
import dev.tidemark.metadata.controller.TopicRequest;
import dev.tidemark.protocol.ApiKey;
import dev.tidemark.protocol.ErrorCode;
import dev.tidemark.protocol.message.CreateTopicsRequest;
import dev.tidemark.protocol.message.CreateTopicsRequest.CreatableReplicaAssignment;
import dev.tidemark.protocol.message.CreateTopicsRequest.CreatableTopic;
import dev.tidemark.protocol.message.CreateTopicsRequest.CreatableTopicConfig;
import dev.tidemark.protocol.message.CreateTopicsResponse;
import dev.tidemark.protocol.message.CreateTopicsResponse.CreatableTopicConfigs;
import dev.tidemark.protocol.message.CreateTopicsResponse.CreatableTopicResult;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/// CreateTopics 2-7. A topic that is named twice in one request is refused in both places (INVALID_REQUEST); so are an
/// assignment with a partition twice and one beside a number of partitions or replicas.
public final class CreateTopicsHandler implements Handler<CreateTopicsRequest> {
    private static final int FROM_ASSIGNMENT = -1;

    private final ControllerGateway controller;
    private final CreatedTopicConfigs createdConfigs;
    private final RandomGenerator random;
    private final Predicate<Call> isBrokers;

    /// @param isBrokers whether a broker asks for itself: it may create internal topics
    public CreateTopicsHandler(
            ControllerGateway controller,
            CreatedTopicConfigs createdConfigs,
            RandomGenerator random,
            Predicate<Call> isBrokers) {
        this.controller = controller;
        this.createdConfigs = createdConfigs;
        this.random = random;
        this.isBrokers = isBrokers;
    }

    /// What a created topic's configs are, for the reply (KIP-525).
    public interface CreatedTopicConfigs {
        List<CreatableTopicConfigs> of(SortedMap<String, String> topicConfigs);
    }

    @Override
    public ApiKey api() {
        return ApiKey.CREATE_TOPICS;
    }

    @Override
    public Class<CreateTopicsRequest> requestType() {
        return CreateTopicsRequest.class;
    }

    @Override
    public void handle(CreateTopicsRequest request, Call call) {
        Map<String, CreatableTopicResult> refused = new HashMap<>();
        List<TopicRequest> wanted = wanted(request, refused);
        int spread = random.nextInt(1 << 20);
        ControllerInput.Origin origin =
                isBrokers.test(call) ? ControllerInput.Origin.BROKER : ControllerInput.Origin.CLIENT;
        var _ = controller
                .createTopics(new ControllerInput.CreateTopics(wanted, request.validateOnly(), origin, spread))
                .handle((created, failure) -> {
                    Map<String, CreatableTopicResult> results = new HashMap<>(refused);
                    if (created != null) {
                        for (TopicCreation topic : created.topics()) results.put(topic.name(), result(topic));
                    } else {
                        Refusal why = Refusal.of(failure);
                        for (TopicRequest topic : wanted) {
                            results.put(topic.name(), failed(topic.name(), why.error(), why.message()));
                        }
                    }
                    call.reply(response(request, results));
                    return null;
                });
    }

    private List<TopicRequest> wanted(CreateTopicsRequest request, Map<String, CreatableTopicResult> refused) {
        List<TopicRequest> wanted = new ArrayList<>();
        Set<String> twice = namedTwice(request);
        for (CreatableTopic topic : request.topics()) {
            String problem = twice.contains(topic.name())
                    ? "The request names the topic '" + topic.name() + "' more than once."
                    : contradiction(topic);
            if (problem == null) {
                wanted.add(topicRequest(topic));
            } else {
                refused.put(topic.name(), failed(topic.name(), ErrorCode.INVALID_REQUEST, problem));
            }
        }
        return wanted;
    }

    private static Set<String> namedTwice(CreateTopicsRequest request) {
        Set<String> seen = new HashSet<>();
        Set<String> twice = new HashSet<>();
        for (CreatableTopic topic : request.topics()) {
            if (!seen.add(topic.name())) twice.add(topic.name());
        }
        return twice;
    }

    private static @Nullable String contradiction(CreatableTopic topic) {
        if (topic.assignments().isEmpty()) return null;
        if (topic.numPartitions() != FROM_ASSIGNMENT || topic.replicationFactor() != FROM_ASSIGNMENT) {
            return "Give either an assignment, or a number of partitions and a replication factor, not both.";
        }
        Set<Integer> seen = new HashSet<>();
        for (CreatableReplicaAssignment assignment : topic.assignments()) {
            if (!seen.add(assignment.partitionIndex())) {
                return "The assignment names partition " + assignment.partitionIndex() + " twice.";
            }
        }
        return null;
    }

    private TopicRequest topicRequest(CreatableTopic topic) {
        SortedMap<Integer, List<Integer>> assignments = new TreeMap<>();
        for (CreatableReplicaAssignment assignment : topic.assignments()) {
            assignments.put(assignment.partitionIndex(), assignment.brokerIds());
        }
        SortedMap<String, String> configs = new TreeMap<>();
        for (CreatableTopicConfig config : topic.configs()) configs.put(config.name(), config.value());
        return new TopicRequest(
                topic.name(),
                Uuid.random(random),
                topic.numPartitions(),
                topic.replicationFactor(),
                assignments,
                configs);
    }

    private CreatableTopicResult result(TopicCreation topic) {
        if (!topic.outcome().isOk()) {
            return failed(topic.name(), topic.outcome().error(), topic.outcome().message());
        }
        return CreatableTopicResult.builder()
                .name(topic.name())
                .topicId(topic.id())
                .numPartitions(topic.partitions())
                .replicationFactor((short) topic.replicationFactor())
                .configs(createdConfigs.of(topic.configs()))
                .build();
    }

    private static CreatableTopicResult failed(String name, ErrorCode error, @Nullable String message) {
        return CreatableTopicResult.builder()
                .name(name)
                .errorCode(error.code())
                .errorMessage(message)
                .configs(List.of())
                .build();
    }

    private static CreateTopicsResponse response(
            CreateTopicsRequest request, Map<String, CreatableTopicResult> results) {
        List<CreatableTopicResult> inOrder = new ArrayList<>();
        Set<String> told = new HashSet<>();
        for (CreatableTopic topic : request.topics()) {
            CreatableTopicResult result = results.get(topic.name());
            if (result != null && told.add(topic.name())) inOrder.add(result);
        }
        return CreateTopicsResponse.builder().topics(inOrder).build();
    }
}
