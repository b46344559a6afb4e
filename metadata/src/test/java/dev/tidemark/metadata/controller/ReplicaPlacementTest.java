package dev.tidemark.metadata.controller;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.metadata.image.BrokerRegistration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

class ReplicaPlacementTest {
    @Property(tries = 300)
    void leadersAndReplicasAreSpreadEvenly(
            @ForAll @IntRange(min = 1, max = 12) int brokers,
            @ForAll @IntRange(min = 1, max = 5) int wanted,
            @ForAll @IntRange(min = 1, max = 60) int partitions,
            @ForAll int start) {
        int replicationFactor = Math.min(wanted, brokers);

        var placed = new ReplicaPlacement(cluster(brokers, 0)).place(partitions, replicationFactor, start);

        Map<Integer, Integer> leaders = new HashMap<>();
        Map<Integer, Integer> replicas = new HashMap<>();
        for (int id = 1; id <= brokers; id++) {
            leaders.put(id, 0);
            replicas.put(id, 0);
        }
        for (List<Integer> each : placed) {
            assertThat(new HashSet<>(each)).hasSize(replicationFactor);
            leaders.merge(each.getFirst(), 1, Integer::sum);
            each.forEach(id -> replicas.merge(id, 1, Integer::sum));
        }
        assertThat(spread(leaders)).isLessThanOrEqualTo(1);
        assertThat(spread(replicas)).isLessThanOrEqualTo(2);
    }

    @Property(tries = 300)
    void replicasAreInAsManyRacksAsCanBe(
            @ForAll @IntRange(min = 1, max = 12) int brokers,
            @ForAll @IntRange(min = 1, max = 4) int racks,
            @ForAll @IntRange(min = 1, max = 4) int wanted,
            @ForAll @IntRange(min = 1, max = 40) int partitions,
            @ForAll int start) {
        int replicationFactor = Math.min(wanted, brokers);
        List<BrokerRegistration> cluster = cluster(brokers, racks);

        var placed = new ReplicaPlacement(cluster).place(partitions, replicationFactor, start);

        int possible = Math.min(Math.min(racks, brokers), replicationFactor);
        for (List<Integer> each : placed) {
            assertThat(each.stream().map(id -> cluster.get(id - 1).rack()).distinct())
                    .hasSize(possible);
        }
    }

    private static int spread(Map<Integer, Integer> counts) {
        return counts.values().stream().mapToInt(i -> i).max().orElse(0)
                - counts.values().stream().mapToInt(i -> i).min().orElse(0);
    }

    /// @param racks 0 for none
    private static List<BrokerRegistration> cluster(int brokers, int racks) {
        List<BrokerRegistration> cluster = new ArrayList<>();
        for (int id = 1; id <= brokers; id++) {
            cluster.add(Cluster.broker(id, id, racks == 0 ? null : "rack" + id % racks, true));
        }
        return cluster;
    }
}
