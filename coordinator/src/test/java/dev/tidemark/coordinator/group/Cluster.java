package dev.tidemark.coordinator.group;

import dev.tidemark.coordinator.runtime.ReplicatedLog;
import java.util.ArrayList;
import java.util.List;

/// Brokers that hold one partition of the offsets topic, and lose and win its leadership at any time, also without
/// knowing it. The first one leads.
final class Cluster {
    final World world = new World();
    final ReplicatedLog log;
    final List<GroupCoordinator> coordinators = new ArrayList<>();
    private int epoch;

    Cluster(int brokers) {
        log = new ReplicatedLog(brokers);
        for (int i = 0; i < brokers; i++) coordinators.add(world.newCoordinator());
        elect(0);
    }

    int epoch() {
        return epoch;
    }

    GroupCoordinator leader() {
        return coordinators.get(log.leader());
    }

    /// Everybody has everything, and all is answered that can be.
    void settle() {
        for (int round = 0; round < 2; round++) {
            for (int i = 0; i < coordinators.size(); i++) log.fetch(i, 1_000);
            world.loop.settle();
        }
    }

    void elect(int broker) {
        epoch = log.elect(broker);
        coordinators.get(broker).onElected(0, epoch, log.of(broker));
        world.loop.settle();
    }

    void electIfPossible(int broker) {
        if (broker == log.leader() || log.believesToLead(broker) || !log.isInSync(broker)) return;
        elect(broker);
    }

    /// A broker that was replaced learns of it.
    void hearOfIt(int broker) {
        if (broker == log.leader() || !log.believesToLead(broker)) return;
        log.resign(broker);
        coordinators.get(broker).onResigned(0, epoch);
        world.loop.settle();
    }

    void everybodyHearsOfIt() {
        for (int i = 0; i < coordinators.size(); i++) hearOfIt(i);
    }
}
