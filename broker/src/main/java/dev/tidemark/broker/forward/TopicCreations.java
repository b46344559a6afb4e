package dev.tidemark.broker.forward;

import dev.tidemark.metadata.controller.ControllerInput;
import dev.tidemark.metadata.controller.ControllerReply;
import dev.tidemark.metadata.controller.ControllerReply.Outcome;
import dev.tidemark.metadata.controller.TopicRequest;
import dev.tidemark.protocol.ErrorCode;
import dev.tidemark.protocol.message.CreateTopicsRequest;
import dev.tidemark.protocol.message.CreateTopicsRequest.CreatableReplicaAssignment;
import dev.tidemark.protocol.message.CreateTopicsRequest.CreatableTopic;
import dev.tidemark.protocol.message.CreateTopicsRequest.CreatableTopicConfig;
import dev.tidemark.protocol.message.CreateTopicsResponse;
import dev.tidemark.protocol.message.CreateTopicsResponse.CreatableTopicResult;
import java.util.List;
import java.util.TreeMap;

/// CreateTopics between the controller's form and the wire's: what a broker asks for itself. The controller gives the
/// topics their ids.
final class TopicCreations {
    private TopicCreations() {}

    static CreateTopicsRequest request(ControllerInput.CreateTopics create, int timeoutMs) {
        return CreateTopicsRequest.builder()
                .topics(create.topics().stream().map(TopicCreations::topic).toList())
                .validateOnly(create.validateOnly())
                .timeoutMs(timeoutMs)
                .build();
    }

    private static CreatableTopic topic(TopicRequest topic) {
        List<CreatableReplicaAssignment> assignments = topic.assignments().entrySet().stream()
                .map(entry -> new CreatableReplicaAssignment(entry.getKey(), entry.getValue()))
                .toList();
        List<CreatableTopicConfig> configs = topic.configs().entrySet().stream()
                .map(entry -> new CreatableTopicConfig(entry.getKey(), entry.getValue()))
                .toList();
        return CreatableTopic.builder()
                .name(topic.name())
                .numPartitions(topic.partitions())
                .replicationFactor((short) topic.replicationFactor())
                .assignments(assignments)
                .configs(configs)
                .build();
    }

    static ControllerReply.TopicsCreated reply(CreateTopicsResponse response) {
        return new ControllerReply.TopicsCreated(
                response.topics().stream().map(TopicCreations::creation).toList());
    }

    private static ControllerReply.TopicCreation creation(CreatableTopicResult topic) {
        ErrorCode error = ErrorCode.forCode(topic.errorCode());
        Outcome outcome = new Outcome(error, topic.errorMessage());
        return new ControllerReply.TopicCreation(
                topic.name(),
                topic.topicId(),
                outcome,
                topic.numPartitions(),
                topic.replicationFactor(),
                new TreeMap<>());
    }
}
