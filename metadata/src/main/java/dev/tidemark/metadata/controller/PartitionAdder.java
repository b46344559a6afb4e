package dev.tidemark.metadata.controller;

import dev.tidemark.metadata.controller.ControllerInput.CreatePartitions;
import dev.tidemark.metadata.controller.ControllerInput.Origin;
import dev.tidemark.metadata.controller.ControllerReply.Outcome;
import dev.tidemark.metadata.controller.ControllerReply.PartitionsCreated;
import dev.tidemark.metadata.controller.ControllerReply.TopicOutcome;
import dev.tidemark.metadata.image.ClusterImage;
import dev.tidemark.metadata.image.MetadataChange;
import dev.tidemark.metadata.image.PartitionRegistration;
import dev.tidemark.metadata.image.TopicImage;
import dev.tidemark.protocol.ErrorCode;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// Decides [CreatePartitions].
final class PartitionAdder {
    private final ControllerSettings settings;
    private final ClusterImage image;
    private final LeaderElection election;
    private final List<MetadataChange> facts = new ArrayList<>();
    private int partitionsSoFar;

    PartitionAdder(ControllerSettings settings, ClusterImage image) {
        this.settings = settings;
        this.image = image;
        this.election = new LeaderElection(settings, image);
    }

    Decision decide(CreatePartitions input) {
        Set<String> seen = new HashSet<>();
        Set<String> repeated = new HashSet<>();
        for (PartitionsRequest request : input.topics()) if (!seen.add(request.topic())) repeated.add(request.topic());
        List<TopicOutcome> outcomes = new ArrayList<>(input.topics().size());
        for (PartitionsRequest request : input.topics()) {
            Outcome outcome = repeated.contains(request.topic())
                    ? Outcome.refused(ErrorCode.INVALID_REQUEST, "The topic is named more than once in the request.")
                    : add(request, input);
            outcomes.add(new TopicOutcome(request.topic(), outcome));
        }
        List<MetadataChange> written = input.validateOnly() ? List.of() : facts;
        return Decision.of(written, new PartitionsCreated(List.copyOf(outcomes)));
    }

    private Outcome add(PartitionsRequest request, CreatePartitions input) {
        TopicImage topic = image.topics().byName().get(request.topic());
        if (topic == null) {
            return Outcome.refused(
                    ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, "The topic '" + request.topic() + "' does not exist.");
        }
        if (input.origin() == Origin.CLIENT && TopicNames.isInternal(topic.name())) {
            return Outcome.refused(
                    ErrorCode.INVALID_REQUEST, "Topic '" + topic.name() + "' is internal: its partitions are fixed.");
        }
        Outcome counted = checkCount(topic, request);
        if (!counted.isOk()) return counted;
        int replicationFactor = topic.partitions().isEmpty()
                ? 1
                : topic.partitions().get(0).replicas().size();
        Outcome placeable = checkPlacement(topic, request, replicationFactor);
        if (!placeable.isOk()) return placeable;
        List<List<Integer>> replicas = request.assignments().isEmpty()
                ? placed(topic, request.count() - topic.partitionCount(), replicationFactor, input.spread())
                : request.assignments();
        partitionsSoFar += replicas.size();
        facts.add(new MetadataChange.PartitionsAdded(
                topic.name(), topic.id(), topic.partitionCount(), led(topic, replicas), topic.assignmentVersion() + 1));
        return Outcome.OK;
    }

    private List<PartitionRegistration> led(TopicImage topic, List<List<Integer>> added) {
        List<PartitionRegistration> led = new ArrayList<>(added.size());
        for (List<Integer> replicas : added) {
            PartitionKey key = PartitionKey.of(topic, topic.partitionCount() + led.size());
            PartitionRegistration assigned = PartitionRegistration.assigned(List.copyOf(replicas));
            led.add(election.firstLeader(key, assigned).orElseThrow());
        }
        return List.copyOf(led);
    }

    private Outcome checkCount(TopicImage topic, PartitionsRequest request) {
        int now = topic.partitionCount();
        if (request.count() == now) {
            return Outcome.refused(ErrorCode.INVALID_PARTITIONS, "Topic already has " + now + " partition(s).");
        }
        if (request.count() < now) {
            return Outcome.refused(
                    ErrorCode.INVALID_PARTITIONS,
                    "Topic currently has " + now + " partition(s), which is higher than the requested "
                            + request.count() + ".");
        }
        return Outcome.OK;
    }

    private Outcome checkPlacement(TopicImage topic, PartitionsRequest request, int replicationFactor) {
        int added = request.count() - topic.partitionCount();
        Outcome limits = Limits.check(settings, request.count(), replicationFactor, partitionsSoFar);
        if (!limits.isOk()) return limits;
        if (request.assignments().isEmpty()) {
            int alive = image.brokers().size();
            if (replicationFactor <= alive) return Outcome.OK;
            return Outcome.refused(
                    ErrorCode.INVALID_REPLICATION_FACTOR,
                    "The topic has " + replicationFactor + " replicas per partition, but only " + alive
                            + " broker(s) are there.");
        }
        if (request.assignments().size() != added) {
            return Outcome.refused(
                    ErrorCode.INVALID_REPLICA_ASSIGNMENT,
                    "Increasing the number of partitions by " + added + " but "
                            + request.assignments().size() + " assignment(s) provided.");
        }
        for (List<Integer> replicas : request.assignments()) {
            Outcome outcome = Assignments.check(replicas, replicationFactor, image);
            if (!outcome.isOk()) return outcome;
        }
        return Outcome.OK;
    }

    /// Goes on with the round that the topic's first partition began.
    private List<List<Integer>> placed(TopicImage topic, int added, int replicationFactor, int spread) {
        ReplicaPlacement placement = ReplicaPlacement.overTheFit(image.brokers().values(), replicationFactor);
        int start = topic.partitions().isEmpty()
                ? spread
                : placement.positionOf(topic.partitions().get(0).replicas().getFirst());
        return placement.place(added, replicationFactor, start + topic.partitionCount());
    }
}
