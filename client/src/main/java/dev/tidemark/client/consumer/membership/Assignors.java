package dev.tidemark.client.consumer.membership;

import dev.tidemark.base.TopicPartition;
import dev.tidemark.client.consumer.membership.Membership.MemberSubscription;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// How the leader of a classic group spreads partitions. Pure.
public final class Assignors {
    public static final String RANGE = "range";
    public static final String COOPERATIVE_STICKY = "cooperative-sticky";

    private Assignors() {}

    /// @param partitions how many each topic has; topics that are not there have none
    public static Map<String, SortedSet<TopicPartition>> assign(
            String assignor, Map<String, MemberSubscription> members, Map<String, Integer> partitions) {
        return assignor.equals(COOPERATIVE_STICKY)
                ? cooperativeSticky(members, partitions)
                : range(members, partitions);
    }

    /// Topic by topic: each member gets a run of partitions, the first ones one more where it does not come out even.
    static Map<String, SortedSet<TopicPartition>> range(
            Map<String, MemberSubscription> members, Map<String, Integer> partitions) {
        Map<String, SortedSet<TopicPartition>> assignment = empty(members);
        new TreeMap<>(partitions).forEach((topic, count) -> {
            List<String> wanting = assignment.keySet().stream()
                    .filter(id -> wants(members, id, topic))
                    .toList();
            int next = 0;
            for (int i = 0; i < wanting.size(); i++) {
                int share = count / wanting.size() + (i < count % wanting.size() ? 1 : 0);
                for (int end = next + share; next < end; next++) give(assignment, wanting.get(i), topic, next);
            }
        });
        return assignment;
    }

    /// Everybody keeps what fits in a fair share; the rest goes to who has least. What moves from one member to
    /// another is given to nobody in this round: its owner has to let go first, which brings the next round.
    static Map<String, SortedSet<TopicPartition>> cooperativeSticky(
            Map<String, MemberSubscription> members, Map<String, Integer> partitions) {
        Map<TopicPartition, String> owners = owners(members, partitions);
        Map<String, SortedSet<TopicPartition>> assignment = keepFairShare(members, partitions, owners);
        TreeSet<TopicPartition> given = new TreeSet<>();
        assignment.values().forEach(given::addAll);
        new TreeMap<>(partitions).forEach((topic, count) -> {
            for (int i = 0; i < count; i++) {
                TopicPartition partition = new TopicPartition(topic, i);
                String least = given.contains(partition) ? null : least(assignment, members, topic);
                if (least == null) continue;
                SortedSet<TopicPartition> part = assignment.get(least);
                if (part != null) part.add(partition);
            }
        });
        assignment.forEach((id, part) -> part.removeIf(each -> {
            String owner = owners.get(each);
            return owner != null && !owner.equals(id);
        }));
        return assignment;
    }

    /// Of two that claim a partition, the one of the later generation has it.
    private static Map<TopicPartition, String> owners(
            Map<String, MemberSubscription> members, Map<String, Integer> partitions) {
        Map<TopicPartition, String> owners = new HashMap<>();
        Map<TopicPartition, Integer> generations = new HashMap<>();
        new TreeMap<>(members).forEach((id, member) -> {
            for (TopicPartition each : member.owned()) {
                boolean isThere = each.partition() < partitions.getOrDefault(each.topic(), 0);
                if (!isThere || !member.topics().contains(each.topic())) continue;
                if (member.generation() > generations.getOrDefault(each, Integer.MIN_VALUE)) {
                    owners.put(each, id);
                    generations.put(each, member.generation());
                }
            }
        });
        return owners;
    }

    private static Map<String, SortedSet<TopicPartition>> keepFairShare(
            Map<String, MemberSubscription> members,
            Map<String, Integer> partitions,
            Map<TopicPartition, String> owners) {
        Map<String, SortedSet<TopicPartition>> assignment = empty(members);
        int total = 0;
        for (int count : partitions.values()) total += count;
        int floor = total / Math.max(1, members.size());
        int withOneMore = total % Math.max(1, members.size());
        TreeMap<String, List<TopicPartition>> owned = new TreeMap<>();
        new TreeMap<>(owners)
                .forEach((partition, id) ->
                        owned.computeIfAbsent(id, key -> new ArrayList<>()).add(partition));
        for (Map.Entry<String, List<TopicPartition>> each : owned.entrySet()) {
            boolean mayHaveMore = each.getValue().size() > floor && withOneMore > 0;
            if (mayHaveMore) withOneMore--;
            int share = floor + (mayHaveMore ? 1 : 0);
            SortedSet<TopicPartition> part = assignment.get(each.getKey());
            if (part != null)
                part.addAll(each.getValue()
                        .subList(0, Math.min(share, each.getValue().size())));
        }
        return assignment;
    }

    private static @Nullable String least(
            Map<String, SortedSet<TopicPartition>> assignment, Map<String, MemberSubscription> members, String topic) {
        return assignment.entrySet().stream()
                .filter(each -> wants(members, each.getKey(), topic))
                .min(Comparator.comparingInt(each -> each.getValue().size()))
                .map(Map.Entry::getKey)
                .orElse(null);
    }

    private static boolean wants(Map<String, MemberSubscription> members, String id, String topic) {
        MemberSubscription member = members.get(id);
        return member != null && member.topics().contains(topic);
    }

    private static Map<String, SortedSet<TopicPartition>> empty(Map<String, MemberSubscription> members) {
        Map<String, SortedSet<TopicPartition>> assignment = new TreeMap<>();
        for (String id : members.keySet()) assignment.put(id, new TreeSet<>());
        return assignment;
    }

    private static void give(
            Map<String, SortedSet<TopicPartition>> assignment, String id, String topic, int partition) {
        SortedSet<TopicPartition> part = assignment.get(id);
        if (part != null) part.add(new TopicPartition(topic, partition));
    }
}
