package dev.tidemark.metadata.controller;

import dev.tidemark.metadata.image.BrokerRegistration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/// Spreads partitions over brokers: leaders go round all brokers, each further replica goes to a rack that the
/// partition is not yet in and there to the broker that has got the fewest so far.
final class ReplicaPlacement {
    /// The brokers in the order of the round, neighbours from different racks where that can be.
    private final List<BrokerRegistration> round;

    private final boolean hasRacks;
    private final int[] replicaCounts;

    ReplicaPlacement(Collection<BrokerRegistration> brokers) {
        this.hasRacks = brokers.stream().allMatch(broker -> broker.rack() != null);
        this.round = interleaveRacks(brokers);
        this.replicaCounts = new int[round.size()];
    }

    /// Over the brokers that stay and have a working disk, or over all where those are fewer than the replicas of a
    /// partition: then some replicas come later.
    static ReplicaPlacement overTheFit(Collection<BrokerRegistration> alive, int replicationFactor) {
        List<BrokerRegistration> fit = alive.stream()
                .filter(broker -> !broker.shuttingDown() && !broker.offline().all())
                .toList();
        return new ReplicaPlacement(fit.size() >= replicationFactor ? fit : alive);
    }

    private static List<BrokerRegistration> interleaveRacks(Collection<BrokerRegistration> brokers) {
        SortedMap<String, Deque<BrokerRegistration>> byRack = new TreeMap<>();
        for (BrokerRegistration broker : brokers) {
            String rack = broker.rack() == null ? "" : broker.rack();
            byRack.computeIfAbsent(rack, _ -> new ArrayDeque<>()).add(broker);
        }
        List<BrokerRegistration> round = new ArrayList<>(brokers.size());
        while (round.size() < brokers.size()) {
            for (Deque<BrokerRegistration> rack : byRack.values()) {
                if (!rack.isEmpty()) round.add(rack.removeFirst());
            }
        }
        return round;
    }

    /// Where in the round a broker stands; 0 for one that is not in it.
    int positionOf(int brokerId) {
        for (int i = 0; i < round.size(); i++) if (round.get(i).id() == brokerId) return i;
        return 0;
    }

    /// The replicas of `partitions` partitions, the leader first.
    ///
    /// @param start where the round begins; any number
    /// @param replicationFactor at most the number of brokers
    List<List<Integer>> place(int partitions, int replicationFactor, int start) {
        List<List<Integer>> placed = new ArrayList<>(partitions);
        int first = Math.floorMod(start, round.size());
        for (int p = 0; p < partitions; p++) {
            int leader = (first + p) % round.size();
            placed.add(replicationFactor == 1 ? alone(leader) : replicas(leader, replicationFactor, p / round.size()));
        }
        return placed;
    }

    private List<Integer> alone(int position) {
        return List.of(round.get(position).id());
    }

    private List<Integer> replicas(int leader, int replicationFactor, int lap) {
        List<Integer> positions = new ArrayList<>(replicationFactor);
        positions.add(leader);
        replicaCounts[leader]++;
        while (positions.size() < replicationFactor) {
            int next = nextReplica(positions, lap);
            positions.add(next);
            replicaCounts[next]++;
        }
        return positions.stream().map(position -> round.get(position).id()).toList();
    }

    /// Ties go to the broker that comes first after the leader, shifted by one with each lap, so that a leader's
    /// followers are not the same ones every time.
    private int nextReplica(List<Integer> taken, int lap) {
        int leader = taken.getFirst();
        int others = round.size() - 1;
        int best = -1;
        boolean bestInNewRack = false;
        for (int step = 0; step < others; step++) {
            int candidate = (leader + 1 + (step + lap) % others) % round.size();
            if (taken.contains(candidate)) continue;
            boolean inNewRack = isInNewRack(candidate, taken);
            boolean better = best < 0
                    || (inNewRack && !bestInNewRack)
                    || (inNewRack == bestInNewRack && replicaCounts[candidate] < replicaCounts[best]);
            if (better) {
                best = candidate;
                bestInNewRack = inNewRack;
            }
        }
        return best;
    }

    private boolean isInNewRack(int candidate, List<Integer> taken) {
        if (!hasRacks) return false;
        String rack = round.get(candidate).rack();
        for (int position : taken) {
            String used = round.get(position).rack();
            if (used != null && used.equals(rack)) return false;
        }
        return true;
    }
}
