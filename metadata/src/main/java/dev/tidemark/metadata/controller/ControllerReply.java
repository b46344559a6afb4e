package dev.tidemark.metadata.controller;

import dev.tidemark.base.TopicPartition;
import dev.tidemark.base.Uuid;
import dev.tidemark.metadata.image.ConfigResource;
import dev.tidemark.metadata.image.PartitionRegistration;
import dev.tidemark.protocol.ErrorCode;
import java.util.List;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;

/// What the controller answers: one outcome per thing asked for, in the order of the request.
public sealed interface ControllerReply {
    /// NONE with an empty message, or why it was refused.
    record Outcome(ErrorCode error, @Nullable String message) {
        public static final Outcome OK = new Outcome(ErrorCode.NONE, null);

        public static Outcome refused(ErrorCode error, String message) {
            return new Outcome(error, message);
        }

        public boolean isOk() {
            return error == ErrorCode.NONE;
        }
    }

    /// @param id the zero id unless the topic was created
    record TopicCreation(
            String name,
            Uuid id,
            Outcome outcome,
            int partitions,
            int replicationFactor,
            SortedMap<String, String> configs) {}

    record TopicsCreated(List<TopicCreation> topics) implements ControllerReply {}

    record TopicOutcome(String topic, Outcome outcome) {}

    record PartitionsCreated(List<TopicOutcome> topics) implements ControllerReply {}

    /// @param name null where only an unknown id was given
    record TopicDeletion(@Nullable String name, Uuid id, Outcome outcome) {}

    record TopicsDeleted(List<TopicDeletion> topics) implements ControllerReply {}

    record ConfigOutcome(ConfigResource resource, Outcome outcome) {}

    record ConfigsAltered(List<ConfigOutcome> resources) implements ControllerReply {}

    /// @param registration the partition as it is now; null where it is refused
    record IsrOutcome(
            Uuid topicId,
            int partition,
            ErrorCode error,
            @Nullable PartitionRegistration registration) {}

    /// `error` speaks of the whole request (STALE_BROKER_EPOCH).
    record PartitionsAltered(ErrorCode error, List<IsrOutcome> partitions) implements ControllerReply {}

    record ElectionOutcome(TopicPartition partition, Outcome outcome) {}

    record LeadersElected(List<ElectionOutcome> partitions) implements ControllerReply {}

    /// @param leading how many partitions the broker leads still that another member of the ISR could lead
    record ShutdownProgress(ErrorCode error, int leading) implements ControllerReply {
        /// Whether the broker may stop.
        public boolean mayStop() {
            return error == ErrorCode.NONE && leading == 0;
        }
    }

    record ReassignmentOutcome(TopicPartition partition, Outcome outcome) {}

    record ReassignmentsAltered(List<ReassignmentOutcome> partitions) implements ControllerReply {}

    record FeatureOutcome(String feature, Outcome outcome) {}

    /// Where one is refused nothing is changed.
    record FeaturesUpdated(List<FeatureOutcome> features) implements ControllerReply {}

    record BrokerUnregistered(Outcome outcome) implements ControllerReply {}

    /// To what nobody asked for.
    record Nothing() implements ControllerReply {}
}
