package dev.tidemark.coordinator.group;

import dev.tidemark.coordinator.group.classic.ClassicGroup;
import dev.tidemark.coordinator.group.classic.ClassicOffsets;
import dev.tidemark.coordinator.group.classic.ClassicState;
import dev.tidemark.coordinator.group.consumer.ConsumerGroup;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// A group of one of the protocols. An id that only has offsets, of consumers that are assigned by hand, is no
/// group.
sealed interface Group {
    /// The names that ListGroups has for the kinds.
    String CLASSIC_TYPE = "classic";

    String CONSUMER_TYPE = "consumer";

    record Classic(ClassicGroup state) implements Group {
        /// Whether nothing is to be remembered of it: someone asked for a member id and did not come back.
        boolean isVoid() {
            return state.is(ClassicState.EMPTY)
                    && state.generationId() == 0
                    && state.pendingJoins().isEmpty();
        }
    }

    record Consumer(ConsumerGroup state) implements Group {}

    static boolean isEmpty(@Nullable Group group) {
        return switch (group) {
            case null -> true;
            case Classic(var state) -> state.is(ClassicState.EMPTY);
            case Consumer(var state) -> state.members().isEmpty();
        };
    }

    /// The topics that members consume; null where nobody can tell.
    static @Nullable Set<String> subscribedTopics(@Nullable Group group) {
        return switch (group) {
            case null -> Set.of();
            case Classic(var state) -> ClassicOffsets.subscribedTopics(state);
            case Consumer(var state) -> state.subscribedTopics();
        };
    }

    static String stateLabel(@Nullable Group group) {
        return switch (group) {
            case null -> ClassicState.EMPTY.label();
            case Classic(var state) -> state.state().label();
            case Consumer(var state) -> state.stateLabel();
        };
    }

    static String type(@Nullable Group group) {
        return group instanceof Consumer ? CONSUMER_TYPE : CLASSIC_TYPE;
    }

    static String protocolType(@Nullable Group group) {
        return switch (group) {
            case null -> "";
            case Classic(var state) -> state.protocolType() == null ? "" : state.protocolType();
            case Consumer(var _) -> ClassicGroup.CONSUMER_PROTOCOL_TYPE;
        };
    }
}
