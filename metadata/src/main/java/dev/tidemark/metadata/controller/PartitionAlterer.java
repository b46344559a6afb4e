package dev.tidemark.metadata.controller;

import dev.tidemark.metadata.controller.ControllerInput.AlterPartition;
import dev.tidemark.metadata.controller.ControllerInput.IsrChange;
import dev.tidemark.metadata.controller.ControllerInput.IsrMember;
import dev.tidemark.metadata.controller.ControllerReply.IsrOutcome;
import dev.tidemark.metadata.controller.ControllerReply.PartitionsAltered;
import dev.tidemark.metadata.image.BrokerRegistration;
import dev.tidemark.metadata.image.ClusterImage;
import dev.tidemark.metadata.image.PartitionRegistration;
import dev.tidemark.metadata.image.TopicImage;
import dev.tidemark.protocol.ErrorCode;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;

/// Decides [AlterPartition]: a leader may change its ISR only as the leader that the controller knows, in the state
/// that it knows, and only by brokers that are alive in the incarnation that the leader saw.
final class PartitionAlterer {
    private final PartitionEdits edits;
    private final LeaderElection election;
    private final Reassignments reassignments;

    PartitionAlterer(ControllerSettings settings, ClusterImage image) {
        this.edits = new PartitionEdits(image);
        this.election = new LeaderElection(settings, image);
        this.reassignments = new Reassignments(election);
    }

    Decision decide(AlterPartition input) {
        BrokerRegistration broker = edits.image().broker(input.brokerId()).orElse(null);
        if (broker == null || broker.epoch() != input.brokerEpoch()) {
            return Decision.of(List.of(), new PartitionsAltered(ErrorCode.STALE_BROKER_EPOCH, List.of()));
        }
        List<IsrOutcome> outcomes = new ArrayList<>(input.changes().size());
        for (IsrChange change : input.changes()) outcomes.add(alter(input.brokerId(), change));
        return Decision.of(edits.facts(), new PartitionsAltered(ErrorCode.NONE, List.copyOf(outcomes)));
    }

    private IsrOutcome alter(int brokerId, IsrChange change) {
        TopicImage topic = edits.image().topics().topic(change.topicId()).orElse(null);
        if (topic == null) return refused(change, ErrorCode.UNKNOWN_TOPIC_ID);
        PartitionRegistration partition = topic.partition(change.partition()).orElse(null);
        if (partition == null) return refused(change, ErrorCode.UNKNOWN_TOPIC_OR_PARTITION);
        PartitionKey key = PartitionKey.of(topic, change.partition());
        ErrorCode error = check(brokerId, key, change, partition);
        if (error != ErrorCode.NONE) return refused(change, error);
        List<Integer> isr =
                List.copyOf(change.newIsr().stream().map(IsrMember::brokerId).toList());
        // Also for the same ISR: a leader asks for that to fence an earlier change that may still be on its way.
        PartitionRegistration changed = election.withIsr(partition, isr);
        PartitionRegistration after =
                edits.change(key.id(), reassignments.completed(key, changed).orElse(changed));
        // The broker that asked is not the leader any more, or leads in a new epoch: the image tells it the rest.
        if (after.leaderEpoch() != partition.leaderEpoch()) return refused(change, ErrorCode.NEW_LEADER_ELECTED);
        return new IsrOutcome(change.topicId(), change.partition(), ErrorCode.NONE, after);
    }

    private ErrorCode check(int brokerId, PartitionKey key, IsrChange change, PartitionRegistration partition) {
        if (change.leaderEpoch() < partition.leaderEpoch()) return ErrorCode.FENCED_LEADER_EPOCH;
        // The broker has heard of a newer epoch than this controller: then this is not the controller any more.
        if (change.leaderEpoch() > partition.leaderEpoch()) return ErrorCode.NOT_CONTROLLER;
        if (partition.leader() != brokerId) return ErrorCode.INVALID_REQUEST;
        if (change.partitionEpoch() < partition.partitionEpoch()) return ErrorCode.INVALID_UPDATE_VERSION;
        if (change.partitionEpoch() > partition.partitionEpoch()) return ErrorCode.NOT_CONTROLLER;
        return checkMembers(brokerId, key, change.newIsr(), partition);
    }

    private ErrorCode checkMembers(
            int leader, PartitionKey key, List<IsrMember> members, PartitionRegistration partition) {
        var ids = new HashSet<Integer>();
        for (IsrMember member : members) {
            if (!ids.add(member.brokerId()) || !partition.replicas().contains(member.brokerId())) {
                return ErrorCode.INVALID_REQUEST;
            }
        }
        if (!ids.contains(leader)) return ErrorCode.INVALID_REQUEST;
        for (IsrMember member : members) if (!isEligible(member, key, partition)) return ErrorCode.INELIGIBLE_REPLICA;
        return ErrorCode.NONE;
    }

    /// Who is about to stop, may have lost records, or has no working disk, does not come in; a member that is in may
    /// stay.
    private boolean isEligible(IsrMember member, PartitionKey key, PartitionRegistration partition) {
        BrokerRegistration broker = edits.image().broker(member.brokerId()).orElse(null);
        if (broker == null) return false;
        if (member.brokerEpoch() != -1 && member.brokerEpoch() != broker.epoch()) return false;
        return partition.isr().contains(broker.id()) || election.mayLead(key, broker.id());
    }

    private static IsrOutcome refused(IsrChange change, ErrorCode error) {
        return new IsrOutcome(change.topicId(), change.partition(), error, null);
    }
}
