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

    /// This broker has become the controller: whatever the one before left undone is to be done.
    record Elected() implements ControllerInput {}

    /// A broker has registered, for the first time or as a new incarnation.
    record BrokerRegistered(int brokerId) implements ControllerInput {}

    record BrokerGone(int brokerId) implements ControllerInput {}

    /// A topic's znode was changed by somebody else: partitions without a leader may be in it.
    record TopicChanged(String topic) implements ControllerInput {}
}
