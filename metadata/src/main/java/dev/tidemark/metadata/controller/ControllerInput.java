package dev.tidemark.metadata.controller;

import dev.tidemark.base.TopicPartition;
import dev.tidemark.base.Uuid;
import java.util.List;
import java.util.Optional;

/// What the controller is asked, or hears of.
public sealed interface ControllerInput {
    /// Who wants it: clients may not make or destroy internal topics.
    enum Origin {
        CLIENT,
        BROKER
    }

    enum ElectionType {
        PREFERRED,
        UNCLEAN
    }

    /// @param spread where the round of brokers begins; chosen at random by the caller, so that small topics spread
    record CreateTopics(List<TopicRequest> topics, boolean validateOnly, Origin origin, int spread)
            implements ControllerInput {}

    record CreatePartitions(List<PartitionsRequest> topics, boolean validateOnly, Origin origin, int spread)
            implements ControllerInput {}

    /// By name or by id: exactly one of the two is there.
    record TopicSelector(Optional<String> name, Optional<Uuid> id) {
        public static TopicSelector byName(String name) {
            return new TopicSelector(Optional.of(name), Optional.empty());
        }

        public static TopicSelector byId(Uuid id) {
            return new TopicSelector(Optional.empty(), Optional.of(id));
        }
    }

    record DeleteTopics(List<TopicSelector> topics, Origin origin) implements ControllerInput {}

    record AlterConfigs(List<ConfigAlteration> alterations, boolean validateOnly) implements ControllerInput {}

    /// A leader's wish for another ISR (KIP-497).
    record IsrChange(Uuid topicId, int partition, int leaderEpoch, int partitionEpoch, List<IsrMember> newIsr) {}

    /// @param brokerEpoch the incarnation that the leader saw fetching, -1 where it does not know
    record IsrMember(int brokerId, long brokerEpoch) {}

    record AlterPartition(int brokerId, long brokerEpoch, List<IsrChange> changes) implements ControllerInput {}

    /// @param partitions empty for all partitions
    record ElectLeaders(ElectionType type, Optional<List<TopicPartition>> partitions) implements ControllerInput {}

    /// A broker wants to stop: its leaderships go to other members of the ISRs, and it leaves the ISRs. To be asked
    /// again, with the same epoch, until the reply says that it may stop.
    record ControlledShutdown(int brokerId, long brokerEpoch) implements ControllerInput {}

    /// @param replicas where the partition is to be; empty to cancel what is under way
    record Reassignment(TopicPartition partition, Optional<List<Integer>> replicas) {}

    /// @param allowReplicationFactorChange whether a partition may get another number of replicas than it has
    record AlterPartitionReassignments(List<Reassignment> reassignments, boolean allowReplicationFactorChange)
            implements ControllerInput {}

    /// Leaders go back to the preferred replicas of those brokers that lead too few of theirs.
    ///
    /// @param imbalancePercentage how much of what a broker is preferred for others may lead
    ///     before anything is done
    record BalanceLeaders(int imbalancePercentage) implements ControllerInput {}

    /// With the ids of the wire protocol.
    enum UpgradeType {
        UPGRADE(1),
        SAFE_DOWNGRADE(2),
        UNSAFE_DOWNGRADE(3);

        private final int id;

        UpgradeType(int id) {
            this.id = id;
        }

        public static Optional<UpgradeType> forId(int id) {
            for (UpgradeType type : values()) if (type.id == id) return Optional.of(type);
            return Optional.empty();
        }
    }

    /// @param level what the feature is to be finalized at; 0 turns it off
    record FeatureUpdate(String feature, int level, UpgradeType type) {}

    record UpdateFeatures(List<FeatureUpdate> updates, boolean validateOnly) implements ControllerInput {}

    /// A registration lives and dies with its broker's process; so this only says that there is none any more.
    record UnregisterBroker(int brokerId) implements ControllerInput {}

    /// This broker has become the controller: whatever the one before left undone is to be done.
    record Elected() implements ControllerInput {}

    /// A broker has registered, for the first time or as a new incarnation, or tells anew of itself: that it is about
    /// to stop, or which of its replicas cannot work.
    record BrokerRegistered(int brokerId) implements ControllerInput {}

    record BrokerGone(int brokerId) implements ControllerInput {}

    /// A topic's znode was changed by somebody else: partitions without a leader may be in it.
    record TopicChanged(String topic) implements ControllerInput {}
}
