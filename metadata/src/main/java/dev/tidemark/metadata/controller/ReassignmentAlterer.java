package dev.tidemark.metadata.controller;

import dev.tidemark.base.TopicPartition;
import dev.tidemark.metadata.controller.ControllerInput.AlterPartitionReassignments;
import dev.tidemark.metadata.controller.ControllerInput.Reassignment;
import dev.tidemark.metadata.controller.ControllerReply.Outcome;
import dev.tidemark.metadata.controller.ControllerReply.ReassignmentOutcome;
import dev.tidemark.metadata.controller.ControllerReply.ReassignmentsAltered;
import dev.tidemark.metadata.image.ClusterImage;
import dev.tidemark.metadata.image.PartitionRegistration;
import dev.tidemark.protocol.ErrorCode;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// Decides [AlterPartitionReassignments] (KIP-455, KIP-860).
final class ReassignmentAlterer {
    private final ControllerSettings settings;
    private final ClusterImage image;
    private final PartitionEdits edits;
    private final Reassignments reassignments;

    ReassignmentAlterer(ControllerSettings settings, ClusterImage image) {
        this.settings = settings;
        this.image = image;
        this.edits = new PartitionEdits(image);
        this.reassignments = new Reassignments(new LeaderElection(settings, image));
    }

    Decision decide(AlterPartitionReassignments input) {
        Set<TopicPartition> seen = new HashSet<>();
        List<ReassignmentOutcome> outcomes =
                new ArrayList<>(input.reassignments().size());
        for (Reassignment each : input.reassignments()) {
            Outcome outcome = seen.add(each.partition())
                    ? alter(each, input.allowReplicationFactorChange())
                    : Outcome.refused(
                            ErrorCode.INVALID_REQUEST, "The partition is named more than once in the request.");
            outcomes.add(new ReassignmentOutcome(each.partition(), outcome));
        }
        return Decision.of(edits.facts(), new ReassignmentsAltered(List.copyOf(outcomes)));
    }

    private Outcome alter(Reassignment wanted, boolean otherFactors) {
        TopicPartition id = wanted.partition();
        PartitionRegistration partition = image.topics().partition(id).orElse(null);
        if (partition == null) {
            return Outcome.refused(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, "There is no partition " + id + ".");
        }
        return wanted.replicas()
                .map(target -> begin(id, partition, target, otherFactors))
                .orElseGet(() -> cancel(id, partition));
    }

    private Outcome begin(
            TopicPartition id, PartitionRegistration partition, List<Integer> target, boolean otherFactors) {
        Outcome valid = check(id, partition, target, otherFactors);
        if (!valid.isOk()) return valid;
        if (partition.partitionEpoch() == PartitionRegistration.NO_EPOCH) {
            return Outcome.refused(
                    ErrorCode.INVALID_REPLICA_ASSIGNMENT, id + " has no state yet: none of its replicas was alive.");
        }
        return edit(id, reassignments.begun(key(id), partition, target));
    }

    private Outcome cancel(TopicPartition id, PartitionRegistration partition) {
        if (!partition.isBeingReassigned()) {
            return Outcome.refused(ErrorCode.NO_REASSIGNMENT_IN_PROGRESS, id + " is not being reassigned.");
        }
        return edit(id, reassignments.cancelled(key(id), partition));
    }

    private PartitionKey key(TopicPartition id) {
        return PartitionKey.of(image.topics().topic(id.topic()).orElseThrow(), id.partition());
    }

    private Outcome edit(TopicPartition id, Optional<PartitionRegistration> after) {
        if (after.isEmpty()) {
            return Outcome.refused(
                    ErrorCode.INVALID_REPLICA_ASSIGNMENT,
                    "None of the replicas that " + id
                            + " would have is in sync and could lead: records would be lost.");
        }
        edits.change(id, after.get());
        return Outcome.OK;
    }

    private Outcome check(
            TopicPartition id, PartitionRegistration partition, List<Integer> target, boolean otherFactors) {
        if (target.isEmpty()) return invalid("The replica list of " + id + " is empty.");
        if (new HashSet<>(target).size() != target.size()) {
            return invalid("The replica list of " + id + " names a broker twice: " + target + ".");
        }
        List<Integer> original = Reassignments.original(partition);
        for (int broker : target) {
            if (!image.isAlive(broker) && !original.contains(broker)) {
                return invalid("Broker " + broker + " of the replica list of " + id + " is not registered.");
            }
        }
        if (!otherFactors && target.size() != original.size()) {
            return Outcome.refused(
                    ErrorCode.INVALID_REPLICATION_FACTOR,
                    id + " has " + original.size() + " replica(s); the request would give it " + target.size()
                            + ", and does not allow that to change.");
        }
        int partitions = image.topics().topic(id.topic()).orElseThrow().partitionCount();
        return Limits.check(settings, partitions, target.size() + original.size(), 0);
    }

    private static Outcome invalid(String message) {
        return Outcome.refused(ErrorCode.INVALID_REPLICA_ASSIGNMENT, message);
    }
}
