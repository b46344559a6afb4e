package dev.tidemark.metadata.controller;

import dev.tidemark.base.Uuid;
import dev.tidemark.metadata.controller.ControllerInput.CreateTopics;
import dev.tidemark.metadata.controller.ControllerInput.Origin;
import dev.tidemark.metadata.controller.ControllerReply.Outcome;
import dev.tidemark.metadata.controller.ControllerReply.TopicCreation;
import dev.tidemark.metadata.controller.ControllerReply.TopicsCreated;
import dev.tidemark.metadata.image.ClusterImage;
import dev.tidemark.metadata.image.ConfigImage;
import dev.tidemark.metadata.image.ConfigResource;
import dev.tidemark.metadata.image.MetadataChange;
import dev.tidemark.metadata.image.PartitionRegistration;
import dev.tidemark.metadata.image.TopicImage;
import dev.tidemark.protocol.ErrorCode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.pcollections.TreePMap;
import org.pcollections.TreePVector;

/// Decides [CreateTopics]: what is refused and why, and where the rest goes.
final class TopicCreator {
    private final ControllerSettings settings;
    private final ConfigRules rules;

    /// Grows by each accepted topic of the request.
    private final LeaderElection election;
    private ClusterImage image;

    private final List<MetadataChange> facts = new ArrayList<>();
    private int partitionsSoFar;

    TopicCreator(ControllerSettings settings, ConfigRules rules, ClusterImage image) {
        this.settings = settings;
        this.rules = rules;
        this.image = image;
        this.election = new LeaderElection(settings, image);
    }

    Decision decide(CreateTopics input) {
        Map<String, Integer> wishes = new HashMap<>();
        for (TopicRequest request : input.topics()) wishes.merge(request.name(), 1, Integer::sum);
        List<TopicCreation> outcomes = new ArrayList<>(input.topics().size());
        for (TopicRequest request : input.topics()) {
            boolean repeated = wishes.getOrDefault(request.name(), 0) > 1;
            outcomes.add(repeated ? refused(request, repeatedName(request)) : create(request, input));
        }
        List<MetadataChange> written = input.validateOnly() ? List.of() : facts;
        return Decision.of(written, new TopicsCreated(List.copyOf(outcomes)));
    }

    private TopicCreation create(TopicRequest request, CreateTopics input) {
        TopicImage existing = image.topics().byName().get(request.name());
        if (existing != null && existing.id().equals(request.id())) return repeat(existing, request);
        Outcome named = checkName(request.name(), input.origin());
        if (!named.isOk()) return refused(request, named);
        Outcome configured = checkConfigs(request);
        if (!configured.isOk()) return refused(request, configured);
        Outcome placeable = request.assignments().isEmpty() ? checkCounts(request) : checkAssignments(request);
        if (!placeable.isOk()) return refused(request, placeable);
        List<List<Integer>> replicas = replicasOf(request, input.spread());
        partitionsSoFar += replicas.size();
        return accept(request, replicas, input.validateOnly());
    }

    /// The same wish again: an earlier answer was lost. What is missing is made up for.
    private TopicCreation repeat(TopicImage existing, TopicRequest request) {
        LeaderElection election = new LeaderElection(settings, image);
        for (int p = 0; p < existing.partitionCount(); p++) {
            PartitionRegistration partition = existing.partitions().get(p);
            PartitionKey key = PartitionKey.of(existing, p);
            election.firstLeader(key, partition)
                    .ifPresent(led -> facts.add(new MetadataChange.PartitionChanged(key.id(), existing.id(), led)));
        }
        int replicationFactor = existing.partitions().isEmpty()
                ? 0
                : existing.partitions().get(0).replicas().size();
        return created(request, existing.id(), existing.partitionCount(), replicationFactor);
    }

    private TopicCreation accept(TopicRequest request, List<List<Integer>> replicas, boolean validateOnly) {
        List<PartitionRegistration> partitions = new ArrayList<>(replicas.size());
        for (List<Integer> each : replicas) {
            PartitionKey key = new PartitionKey(request.name(), request.id(), partitions.size());
            partitions.add(election.firstLeader(key, PartitionRegistration.assigned(each))
                    .orElseThrow());
        }
        configFact(request).ifPresent(this::add);
        add(new MetadataChange.TopicCreated(
                new TopicImage(request.name(), request.id(), TreePVector.from(partitions), 0)));
        Uuid id = validateOnly ? Uuid.ZERO : request.id();
        return created(request, id, replicas.size(), replicas.getFirst().size());
    }

    private void add(MetadataChange fact) {
        facts.add(fact);
        image = image.with(fact);
    }

    /// A config znode without a topic may be left over from earlier: it is overwritten, never inherited.
    private Optional<MetadataChange> configFact(TopicRequest request) {
        ConfigResource resource = ConfigResource.topic(request.name());
        ConfigImage before = image.configs().of(resource);
        if (before.entries().equals(request.configs())) return Optional.empty();
        ConfigImage after = request.configs().isEmpty()
                ? ConfigImage.NONE
                : new ConfigImage(TreePMap.from(request.configs()), before.nodeVersion() + 1);
        return Optional.of(new MetadataChange.ConfigChanged(resource, after));
    }

    private Outcome checkName(String name, Origin origin) {
        Optional<String> invalid = TopicNames.refusal(name);
        if (invalid.isPresent()) return Outcome.refused(ErrorCode.INVALID_TOPIC_EXCEPTION, invalid.get());
        if (image.topics().topic(name).isPresent()) {
            return Outcome.refused(ErrorCode.TOPIC_ALREADY_EXISTS, "Topic '" + name + "' already exists.");
        }
        if (image.topics().isDeleting(name)) {
            return Outcome.refused(
                    ErrorCode.TOPIC_ALREADY_EXISTS, "Topic '" + name + "' is being deleted: try again in a moment.");
        }
        if (origin == Origin.CLIENT && TopicNames.isInternal(name)) {
            return Outcome.refused(
                    ErrorCode.INVALID_REQUEST, "Topic '" + name + "' is internal: the brokers make it themselves.");
        }
        return TopicNames.collision(name, image.topics())
                .map(other -> Outcome.refused(
                        ErrorCode.INVALID_TOPIC_EXCEPTION,
                        "Topic '" + name + "' collides with existing topic '" + other
                                + "': names that differ only in '.' and '_' are one in metrics."))
                .orElse(Outcome.OK);
    }

    @SuppressWarnings("ConstantValue") // Callers outside of null-checked code may pass null values.
    private Outcome checkConfigs(TopicRequest request) {
        SortedMap<String, String> configs = request.configs();
        for (Map.Entry<String, String> config : configs.entrySet()) {
            if (config.getValue() == null) {
                return Outcome.refused(ErrorCode.INVALID_CONFIG, "Config '" + config.getKey() + "' has no value.");
            }
        }
        if (configs.isEmpty()) return Outcome.OK;
        return rules.refusal(ConfigResource.topic(request.name()), configs)
                .map(why -> Outcome.refused(ErrorCode.INVALID_CONFIG, why))
                .orElse(Outcome.OK);
    }

    private Outcome checkCounts(TopicRequest request) {
        int partitions = partitionsOf(request);
        int replicationFactor = replicationFactorOf(request);
        if (partitions < 1) {
            return Outcome.refused(
                    ErrorCode.INVALID_PARTITIONS,
                    "Number of partitions must be larger than 0, not " + partitions + ".");
        }
        if (replicationFactor < 1) {
            return Outcome.refused(
                    ErrorCode.INVALID_REPLICATION_FACTOR,
                    "Replication factor must be larger than 0, not " + replicationFactor + ".");
        }
        int alive = image.brokers().size();
        if (replicationFactor > alive) {
            return Outcome.refused(
                    ErrorCode.INVALID_REPLICATION_FACTOR,
                    "Replication factor " + replicationFactor + " is larger than the number of brokers, " + alive
                            + ".");
        }
        return Limits.check(settings, partitions, replicationFactor, partitionsSoFar);
    }

    private Outcome checkAssignments(TopicRequest request) {
        if (request.partitions() != TopicRequest.DEFAULT || request.replicationFactor() != TopicRequest.DEFAULT) {
            return Outcome.refused(
                    ErrorCode.INVALID_REQUEST,
                    "With a replica assignment, number of partitions and replication factor must be -1.");
        }
        int count = request.assignments().size();
        int next = 0;
        for (int partition : request.assignments().keySet()) {
            if (partition != next++) {
                return Outcome.refused(
                        ErrorCode.INVALID_REPLICA_ASSIGNMENT,
                        "Partitions must be numbered from 0 to " + (count - 1) + " without a gap.");
            }
        }
        List<Integer> first = request.assignments().get(0);
        for (List<Integer> replicas : request.assignments().values()) {
            Outcome outcome = Assignments.check(replicas, first.size(), image);
            if (!outcome.isOk()) return outcome;
        }
        return Limits.check(settings, count, first.size(), partitionsSoFar);
    }

    private List<List<Integer>> replicasOf(TopicRequest request, int spread) {
        if (!request.assignments().isEmpty()) {
            return request.assignments().values().stream().map(List::copyOf).toList();
        }
        int replicationFactor = replicationFactorOf(request);
        return ReplicaPlacement.overTheFit(image.brokers().values(), replicationFactor)
                .place(partitionsOf(request), replicationFactor, spread);
    }

    private int partitionsOf(TopicRequest request) {
        return request.partitions() == TopicRequest.DEFAULT ? settings.defaultPartitions() : request.partitions();
    }

    private int replicationFactorOf(TopicRequest request) {
        return request.replicationFactor() == TopicRequest.DEFAULT
                ? settings.defaultReplicationFactor()
                : request.replicationFactor();
    }

    private static Outcome repeatedName(TopicRequest request) {
        return Outcome.refused(
                ErrorCode.INVALID_REQUEST, "Topic '" + request.name() + "' is named more than once in the request.");
    }

    private static TopicCreation created(TopicRequest request, Uuid id, int partitions, int replicationFactor) {
        return new TopicCreation(request.name(), id, Outcome.OK, partitions, replicationFactor, request.configs());
    }

    private static TopicCreation refused(TopicRequest request, Outcome outcome) {
        return new TopicCreation(request.name(), Uuid.ZERO, outcome, -1, -1, new TreeMap<>());
    }
}
