package dev.tidemark.metadata.controller;

import dev.tidemark.base.TopicPartition;
import dev.tidemark.metadata.controller.ControllerInput.ElectLeaders;
import dev.tidemark.metadata.controller.ControllerReply.ElectionOutcome;
import dev.tidemark.metadata.controller.ControllerReply.LeadersElected;
import dev.tidemark.metadata.controller.ControllerReply.Outcome;
import dev.tidemark.metadata.image.ClusterImage;
import dev.tidemark.metadata.image.MetadataChange;
import dev.tidemark.metadata.image.PartitionRegistration;
import dev.tidemark.metadata.image.TopicImage;
import dev.tidemark.protocol.ErrorCode;
import java.util.ArrayList;
import java.util.List;

/// Decides [ElectLeaders]: elections that an operator asks for.
final class LeaderElector {
    private final ClusterImage image;
    private final LeaderElection election;
    private final List<MetadataChange> facts = new ArrayList<>();
    private final List<ElectionOutcome> outcomes = new ArrayList<>();

    LeaderElector(ControllerSettings settings, ClusterImage image) {
        this.image = image;
        this.election = new LeaderElection(settings, image);
    }

    Decision decide(ElectLeaders input) {
        boolean all = input.partitions().isEmpty();
        for (TopicPartition id : input.partitions().orElseGet(this::everyPartition)) {
            Outcome outcome = elect(id, input.type());
            // Asked about all of them, only those count that needed an election.
            if (!all || outcome.error() != ErrorCode.ELECTION_NOT_NEEDED)
                outcomes.add(new ElectionOutcome(id, outcome));
        }
        return Decision.of(facts, new LeadersElected(List.copyOf(outcomes)));
    }

    private List<TopicPartition> everyPartition() {
        List<TopicPartition> all = new ArrayList<>(image.topics().partitionCount());
        for (TopicImage topic : image.topics().byName().values()) {
            for (int p = 0; p < topic.partitionCount(); p++) all.add(new TopicPartition(topic.name(), p));
        }
        return all;
    }

    private Outcome elect(TopicPartition id, ControllerInput.ElectionType type) {
        TopicImage topic = image.topics().topic(id.topic()).orElse(null);
        PartitionRegistration partition = image.topics().partition(id).orElse(null);
        if (topic == null || partition == null) {
            return Outcome.refused(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, "There is no partition " + id + ".");
        }
        return switch (type) {
            case PREFERRED -> electPreferred(id, topic, partition);
            case UNCLEAN -> electUnclean(id, topic, partition);
        };
    }

    private Outcome electPreferred(TopicPartition id, TopicImage topic, PartitionRegistration partition) {
        int preferred = partition.replicas().getFirst();
        if (partition.leader() == preferred) {
            return Outcome.refused(ErrorCode.ELECTION_NOT_NEEDED, "The preferred leader leads already.");
        }
        if (!election.mayLead(PartitionKey.of(topic, id.partition()), preferred)
                || !partition.isr().contains(preferred)) {
            return Outcome.refused(
                    ErrorCode.PREFERRED_LEADER_NOT_AVAILABLE,
                    "Broker " + preferred
                            + ", the preferred leader, is not alive, not in sync, without a working disk, or about to"
                            + " stop.");
        }
        return elected(id, topic, election.reign(partition, preferred, partition.isr()));
    }

    private Outcome electUnclean(TopicPartition id, TopicImage topic, PartitionRegistration partition) {
        PartitionKey key = PartitionKey.of(topic, id.partition());
        if (partition.hasLeader() && election.isOnline(key, partition.leader())) {
            return Outcome.refused(ErrorCode.ELECTION_NOT_NEEDED, "The partition has a leader.");
        }
        List<Integer> inSync = election.online(key, partition.isr());
        if (!inSync.isEmpty()) return elected(id, topic, election.reign(partition, inSync.getFirst(), inSync));
        return election.uncleanLeader(key, partition)
                .map(leader -> elected(id, topic, election.reign(partition, leader, List.of(leader))))
                .orElseGet(() -> Outcome.refused(
                        ErrorCode.ELIGIBLE_LEADERS_NOT_AVAILABLE,
                        "No replica's broker is alive and has a working disk."));
    }

    private Outcome elected(TopicPartition id, TopicImage topic, PartitionRegistration after) {
        facts.add(new MetadataChange.PartitionChanged(id, topic.id(), after));
        return Outcome.OK;
    }
}
