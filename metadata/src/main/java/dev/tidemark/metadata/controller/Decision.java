package dev.tidemark.metadata.controller;

import dev.tidemark.metadata.image.MetadataChange;
import java.util.List;

/// What the controller decided.
///
/// @param facts to be written, in order, each with its version check, and then to be applied to the image
/// @param effects to be started once the facts are written
/// @param reply to be given once the facts are written
public record Decision(List<MetadataChange> facts, List<Effect> effects, ControllerReply reply) {
    public sealed interface Effect {
        /// The topic is marked for deletion: its znodes are to be removed, whichever are left.
        record PurgeTopic(String topic) implements Effect {}

        /// The controller has seen to this incarnation of a broker: the broker may be told, and may lead.
        record BrokerSeen(int brokerId, long brokerEpoch) implements Effect {}

        /// Something that an operator should read in the log.
        record Warn(String message) implements Effect {}
    }

    static Decision of(List<MetadataChange> facts, ControllerReply reply) {
        return new Decision(List.copyOf(facts), List.of(), reply);
    }
}
