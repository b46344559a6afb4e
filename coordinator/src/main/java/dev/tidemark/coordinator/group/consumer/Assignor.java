package dev.tidemark.coordinator.group.consumer;

import dev.tidemark.base.Uuid;
import java.util.List;
import java.util.SortedMap;
import java.util.SortedSet;
import org.jspecify.annotations.Nullable;

/// Spreads partitions over members. Deterministic: the same input gives the same output.
public interface Assignor {
    /// One member as an assignor sees it.
    ///
    /// @param rackId a door: no assignor looks at it yet
    /// @param topics what it subscribes to
    /// @param current what it was to have so far
    record Member(
            String memberId,
            @Nullable String instanceId,
            @Nullable String rackId,
            SortedSet<Uuid> topics,
            Assignment current) {}

    /// @param members in the order of their ids
    /// @param partitions how many each subscribed topic has
    record Input(List<Member> members, SortedMap<Uuid, Integer> partitions) {
        /// Whether all members subscribe to the same topics.
        boolean isHomogeneous() {
            SortedSet<Uuid> first = members.getFirst().topics();
            for (Member member : members) if (!member.topics().equals(first)) return false;
            return true;
        }
    }

    String name();

    /// Every partition of every topic goes to exactly one of the members that subscribe to it.
    SortedMap<String, Assignment> assign(Input input);

    /// The assignors by their names in `group.consumer.assignors`; null for an unknown one.
    static @Nullable Assignor forName(String name) {
        return switch (name) {
            case UniformAssignor.NAME -> UniformAssignor.INSTANCE;
            case RangeAssignor.NAME -> RangeAssignor.INSTANCE;
            default -> null;
        };
    }
}
