package dev.tidemark.coordinator.group.consumer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.base.Uuid;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

class AssignorsTest {
    /// How many partitions each topic has, and which topics each member subscribes to.
    record Setup(List<Integer> topics, List<List<Integer>> subscriptions) {}

    @Provide
    Arbitrary<Setup> setups() {
        return Arbitraries.integers()
                .between(0, 12)
                .list()
                .ofMinSize(1)
                .ofMaxSize(4)
                .flatMap(topics -> {
                    Arbitrary<List<Integer>> subscription = Arbitraries.integers()
                            .between(0, topics.size() - 1)
                            .list()
                            .ofMaxSize(4);
                    return subscription
                            .list()
                            .ofMinSize(1)
                            .ofMaxSize(7)
                            .map(subscriptions -> new Setup(topics, subscriptions));
                });
    }

    @Provide
    Arbitrary<Setup> homogeneous() {
        return Combinators.combine(
                        Arbitraries.integers()
                                .between(0, 12)
                                .list()
                                .ofMinSize(1)
                                .ofMaxSize(4),
                        Arbitraries.integers().between(1, 9))
                .as((topics, members) -> {
                    List<Integer> all = new ArrayList<>();
                    for (int i = 0; i < topics.size(); i++) all.add(i);
                    return new Setup(topics, Collections.nCopies(members, all));
                });
    }

    private static Assignor.Input input(Setup setup, Map<String, Assignment> current) {
        SortedMap<Uuid, Integer> partitions = new TreeMap<>();
        List<Assignor.Member> members = new ArrayList<>();
        for (int i = 0; i < setup.subscriptions().size(); i++) {
            SortedSet<Uuid> topics = new TreeSet<>();
            for (int topic : setup.subscriptions().get(i)) {
                topics.add(new Uuid(1, topic));
                partitions.put(new Uuid(1, topic), setup.topics().get(topic));
            }
            String memberId = "m" + i;
            Assignment had = current.getOrDefault(memberId, Assignment.NONE);
            members.add(new Assignor.Member(memberId, i % 3 == 0 ? "i" + i : null, null, topics, had));
        }
        return new Assignor.Input(members, partitions);
    }

    @Property(tries = 300)
    void everyPartitionGoesToOneSubscriber(@ForAll("setups") Setup setup) {
        Assignor.Input input = input(setup, Map.of());
        for (Assignor assignor : List.of(UniformAssignor.INSTANCE, RangeAssignor.INSTANCE))
            checkComplete(input, assignor.assign(input));
    }

    private static void checkComplete(Assignor.Input input, SortedMap<String, Assignment> assignments) {
        Map<String, String> owners = new HashMap<>();
        for (Assignor.Member member : input.members()) {
            assignments.get(member.memberId()).forEach((topic, partition) -> {
                assertThat(member.topics()).contains(topic);
                assertThat(partition).isLessThan(input.partitions().get(topic));
                assertThat(owners.put(topic + "/" + partition, member.memberId()))
                        .isNull();
            });
        }
        int all =
                input.partitions().values().stream().mapToInt(Integer::intValue).sum();
        assertThat(owners).hasSize(all);
    }

    @Property(tries = 300)
    void uniformIsEvenWhereAllSubscribeToTheSame(@ForAll("homogeneous") Setup setup) {
        Assignor.Input input = input(setup, Map.of());
        SortedMap<String, Assignment> assignments = UniformAssignor.INSTANCE.assign(input);
        checkEven(assignments);
    }

    private static void checkEven(SortedMap<String, Assignment> assignments) {
        int most =
                assignments.values().stream().mapToInt(Assignment::size).max().orElse(0);
        int least =
                assignments.values().stream().mapToInt(Assignment::size).min().orElse(0);
        assertThat(most - least).isLessThanOrEqualTo(1);
    }

    @Property(tries = 300)
    void uniformMovesNothingWithoutNeed(@ForAll("setups") Setup setup) {
        SortedMap<String, Assignment> before = UniformAssignor.INSTANCE.assign(input(setup, Map.of()));
        SortedMap<String, Assignment> after = UniformAssignor.INSTANCE.assign(input(setup, before));
        assertThat(after).isEqualTo(before);
    }

    @Property(tries = 300)
    void uniformTakesFromTheOthersOnlyWhatANewMemberGets(@ForAll("homogeneous") Setup setup) {
        SortedMap<String, Assignment> before = UniformAssignor.INSTANCE.assign(input(setup, Map.of()));
        List<List<Integer>> more = new ArrayList<>(setup.subscriptions());
        more.add(setup.subscriptions().getFirst());
        Assignor.Input input = input(new Setup(setup.topics(), more), before);
        SortedMap<String, Assignment> after = UniformAssignor.INSTANCE.assign(input);

        checkComplete(input, after);
        checkEven(after);
        int[] moved = {0};
        before.forEach((memberId, had) -> had.forEach((topic, partition) -> {
            if (!after.get(memberId).contains(topic, partition)) moved[0]++;
        }));
        assertThat(moved[0])
                .isEqualTo(after.get("m" + setup.subscriptions().size()).size());
    }

    @Property(tries = 200)
    void rangeGivesTheSameNumbersOfTopicsOfOneSize(@ForAll("homogeneous") Setup setup) {
        List<Integer> sameSize =
                Collections.nCopies(setup.topics().size(), setup.topics().getFirst());
        Assignor.Input input = input(new Setup(sameSize, setup.subscriptions()), Map.of());
        RangeAssignor.INSTANCE
                .assign(input)
                .forEach((memberId, assignment) -> assertThat(new TreeSet<>(assignment.topics().values().stream()
                                .map(Object::toString)
                                .toList()))
                        .hasSizeLessThanOrEqualTo(1));
    }
}
