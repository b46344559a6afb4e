package dev.tidemark.metadata.controller;

import dev.tidemark.metadata.controller.ControllerInput.BalanceLeaders;
import dev.tidemark.metadata.image.ClusterImage;
import dev.tidemark.metadata.image.MetadataChange;
import dev.tidemark.metadata.image.PartitionRegistration;
import dev.tidemark.metadata.image.TopicImage;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// Decides [BalanceLeaders].
final class LeaderBalancer {
    private final ClusterImage image;
    private final LeaderElection election;

    LeaderBalancer(ControllerSettings settings, ClusterImage image) {
        this.image = image;
        this.election = new LeaderElection(settings, image);
    }

    private static final class Share {
        private int preferred;
        private int ledByOthers;
    }

    Decision decide(BalanceLeaders input) {
        Map<Integer, Share> shares = shares();
        List<MetadataChange> facts = new ArrayList<>();
        for (TopicImage topic : image.topics().byName().values()) {
            int index = 0;
            for (PartitionRegistration partition : topic.partitions()) {
                PartitionKey key = PartitionKey.of(topic, index++);
                Share share = shares.get(partition.replicas().getFirst());
                boolean unbalanced = share != null
                        && 100L * share.ledByOthers > (long) input.imbalancePercentage() * share.preferred;
                if (!unbalanced || !mayReturn(key, partition)) continue;
                int preferred = partition.replicas().getFirst();
                PartitionRegistration after = election.reign(partition, preferred, partition.isr());
                facts.add(new MetadataChange.PartitionChanged(key.id(), topic.id(), after));
            }
        }
        return Decision.of(facts, new ControllerReply.Nothing());
    }

    private Map<Integer, Share> shares() {
        Map<Integer, Share> shares = new TreeMap<>();
        for (TopicImage topic : image.topics().byName().values()) {
            for (PartitionRegistration partition : topic.partitions()) {
                int preferred = partition.replicas().getFirst();
                Share share = shares.computeIfAbsent(preferred, _ -> new Share());
                share.preferred++;
                if (partition.leader() != preferred) share.ledByOthers++;
            }
        }
        return shares;
    }

    private boolean mayReturn(PartitionKey key, PartitionRegistration partition) {
        int preferred = partition.replicas().getFirst();
        return partition.leader() != preferred
                && !partition.isBeingReassigned()
                && partition.isr().contains(preferred)
                && election.mayLead(key, preferred);
    }
}
