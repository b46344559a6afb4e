package dev.tidemark.client.consumer.membership;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.base.TopicPartition;
import dev.tidemark.client.consumer.membership.Membership.MemberSubscription;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.TreeSet;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

final class AssignorsTest {
    private static MemberSubscription wants(List<String> topics, TopicPartition... owned) {
        return new MemberSubscription(new TreeSet<>(topics), new TreeSet<>(List.of(owned)), 1);
    }

    private static SortedSet<TopicPartition> of(String topic, int... indexes) {
        SortedSet<TopicPartition> partitions = new TreeSet<>();
        for (int index : indexes) partitions.add(new TopicPartition(topic, index));
        return partitions;
    }

    @Test
    void rangeGivesRunsOfEachTopic() {
        var assignment = Assignors.assign(
                "range", Map.of("a", wants(List.of("t", "u")), "b", wants(List.of("t"))), Map.of("t", 3, "u", 2));

        SortedSet<TopicPartition> ofA = of("t", 0, 1);
        ofA.addAll(of("u", 0, 1));
        assertThat(assignment).isEqualTo(Map.of("a", ofA, "b", of("t", 2)));
    }

    @Test
    void stickyHoldsBackWhatHasToMove() {
        TopicPartition[] all = of("t", 0, 1, 2, 3).toArray(TopicPartition[]::new);

        var first = Assignors.assign(
                Assignors.COOPERATIVE_STICKY,
                Map.of("a", wants(List.of("t"), all), "b", wants(List.of("t"))),
                Map.of("t", 4));

        assertThat(first).isEqualTo(Map.of("a", of("t", 0, 1), "b", of("t")));
    }

    /// Whoever owned what: rounds end in a fair spread, in which everything has one owner, and no round gives to one
    /// what another has not let go.
    @Property(tries = 200)
    void stickyRoundsEndFairAndComplete(
            @ForAll @IntRange(min = 1, max = 7) int members,
            @ForAll @IntRange(max = 20) int partitions,
            @ForAll @IntRange(max = 1000) int seed) {
        Map<String, SortedSet<TopicPartition>> owned = scattered(members, partitions, seed);
        for (int round = 0; round < 3; round++) {
            Map<String, MemberSubscription> subscriptions = new HashMap<>();
            owned.forEach(
                    (id, part) -> subscriptions.put(id, new MemberSubscription(new TreeSet<>(List.of("t")), part, 1)));
            var next = Assignors.assign(Assignors.COOPERATIVE_STICKY, subscriptions, Map.of("t", partitions));
            Map<TopicPartition, String> before = owners(owned);
            next.forEach((id, part) -> part.forEach(
                    each -> assertThat(before.getOrDefault(each, id)).isEqualTo(id)));
            owned = next;
        }
        assertThat(owners(owned)).hasSize(partitions);
        var sizes = owned.values().stream().mapToInt(part -> part.size()).summaryStatistics();
        assertThat(sizes.getMax() - sizes.getMin()).isLessThanOrEqualTo(1);
    }

    private static Map<String, SortedSet<TopicPartition>> scattered(int members, int partitions, int seed) {
        Map<String, SortedSet<TopicPartition>> owned = new TreeMap<>();
        for (int i = 0; i < members; i++) owned.put("m" + i, of("t"));
        SplittableRandom random = new SplittableRandom(seed);
        for (int i = 0; i < partitions; i++) {
            SortedSet<TopicPartition> part = owned.get("m" + random.nextInt(members + 1));
            if (part != null) part.add(new TopicPartition("t", i));
        }
        return owned;
    }

    private static Map<TopicPartition, String> owners(Map<String, SortedSet<TopicPartition>> assignment) {
        Map<TopicPartition, String> owners = new HashMap<>();
        assignment.forEach((id, part) ->
                part.forEach(each -> assertThat(owners.put(each, id)).isNull()));
        return owners;
    }
}
