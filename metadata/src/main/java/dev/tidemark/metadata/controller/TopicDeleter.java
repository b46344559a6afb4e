package dev.tidemark.metadata.controller;

import dev.tidemark.base.Uuid;
import dev.tidemark.metadata.controller.ControllerInput.DeleteTopics;
import dev.tidemark.metadata.controller.ControllerInput.Origin;
import dev.tidemark.metadata.controller.ControllerInput.TopicSelector;
import dev.tidemark.metadata.controller.ControllerReply.Outcome;
import dev.tidemark.metadata.controller.ControllerReply.TopicDeletion;
import dev.tidemark.metadata.controller.ControllerReply.TopicsDeleted;
import dev.tidemark.metadata.image.ClusterImage;
import dev.tidemark.metadata.image.MetadataChange;
import dev.tidemark.metadata.image.TopicImage;
import dev.tidemark.protocol.ErrorCode;
import java.util.ArrayList;
import java.util.List;

/// Decides [DeleteTopics]. A topic whose znodes fit in one multi goes at once; a larger one is marked first, which
/// is what counts, and its znodes are purged afterwards.
final class TopicDeleter {
    /// Kept below what one multi may hold.
    private static final long DELETE_BYTES_MAX = 400_000;

    private final ControllerSettings settings;
    private final boolean alwaysMark;
    private ClusterImage image;
    private final List<MetadataChange> facts = new ArrayList<>();
    private final List<Decision.Effect> effects = new ArrayList<>();

    /// @param alwaysMark where the znodes turned out to be others than the image says
    TopicDeleter(ControllerSettings settings, ClusterImage image, boolean alwaysMark) {
        this.settings = settings;
        this.alwaysMark = alwaysMark;
        this.image = image;
    }

    Decision decide(DeleteTopics input) {
        List<TopicDeletion> outcomes = new ArrayList<>(input.topics().size());
        for (TopicSelector selector : input.topics()) outcomes.add(delete(selector, input.origin()));
        return new Decision(List.copyOf(facts), List.copyOf(effects), new TopicsDeleted(List.copyOf(outcomes)));
    }

    private TopicDeletion delete(TopicSelector selector, Origin origin) {
        TopicImage topic = selector.name()
                .flatMap(image.topics()::topic)
                .or(() -> selector.id().flatMap(image.topics()::topic))
                .orElse(null);
        if (topic == null) return unknown(selector);
        if (!settings.deleteTopicEnable()) {
            return refused(
                    topic, ErrorCode.TOPIC_DELETION_DISABLED, "Topic deletion is disabled (delete.topic.enable).");
        }
        if (origin == Origin.CLIENT && TopicNames.isInternal(topic.name())) {
            return refused(
                    topic,
                    ErrorCode.INVALID_REQUEST,
                    "Topic '" + topic.name() + "' is internal and cannot be deleted by clients.");
        }
        boolean atOnce =
                !alwaysMark && 2L * topic.partitionCount() * (topic.name().length() + 100) <= DELETE_BYTES_MAX;
        MetadataChange fact = new MetadataChange.TopicDeleted(topic.name(), topic.id(), atOnce);
        facts.add(fact);
        image = image.with(fact);
        if (!atOnce) effects.add(new Decision.Effect.PurgeTopic(topic.name()));
        return new TopicDeletion(topic.name(), topic.id(), Outcome.OK);
    }

    private static TopicDeletion unknown(TopicSelector selector) {
        ErrorCode error = selector.id().isPresent() ? ErrorCode.UNKNOWN_TOPIC_ID : ErrorCode.UNKNOWN_TOPIC_OR_PARTITION;
        return new TopicDeletion(
                selector.name().orElse(null),
                selector.id().orElse(Uuid.ZERO),
                Outcome.refused(error, "There is no such topic."));
    }

    private static TopicDeletion refused(TopicImage topic, ErrorCode error, String message) {
        return new TopicDeletion(topic.name(), topic.id(), Outcome.refused(error, message));
    }
}
