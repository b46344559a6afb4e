package dev.tidemark.coordinator.group.consumer;

import dev.tidemark.base.Uuid;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/// An assignment in the making, by member. Lives within one call of an assignor.
final class AssignmentBuilder {
    /// What one member gets.
    static final class Share {
        final Assignor.Member member;
        private final SortedMap<Uuid, SortedSet<Integer>> topics = new TreeMap<>();
        private int size;

        private Share(Assignor.Member member) {
            this.member = member;
        }

        int size() {
            return size;
        }

        void add(Uuid topic, int partition) {
            if (topics.computeIfAbsent(topic, _ -> new TreeSet<>()).add(partition)) size++;
        }

        /// Takes away one partition of `topic`, the last; it must have one.
        int removeOne(Uuid topic) {
            SortedSet<Integer> partitions = topics.get(topic);
            int partition = partitions.removeLast();
            size--;
            return partition;
        }

        boolean hasAny(Uuid topic) {
            SortedSet<Integer> partitions = topics.get(topic);
            return partitions != null && !partitions.isEmpty();
        }
    }

    private final SortedMap<String, Share> shares = new TreeMap<>();

    AssignmentBuilder(List<Assignor.Member> members) {
        for (Assignor.Member member : members) shares.put(member.memberId(), new Share(member));
    }

    /// In the order of the member ids.
    List<Share> shares() {
        return new ArrayList<>(shares.values());
    }

    SortedMap<String, Assignment> build() {
        SortedMap<String, Assignment> assignments = new TreeMap<>();
        shares.forEach((memberId, share) -> assignments.put(memberId, Assignment.of(share.topics)));
        return assignments;
    }
}
