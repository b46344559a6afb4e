package dev.tidemark.coordinator.group;

import dev.tidemark.base.Check;
import dev.tidemark.base.Uuid;
import dev.tidemark.coordinator.runtime.MemoryLog;
import dev.tidemark.coordinator.runtime.SimulatedLoop;
import dev.tidemark.protocol.message.ListGroupsResponse;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/// A group coordinator with one partition of the offsets topic, a log in memory, and time that tests move.
final class World {
    final SimulatedLoop loop = new SimulatedLoop();
    final MemoryLog log = new MemoryLog();
    final TestTopics topics = new TestTopics();
    final Map<String, GroupSettings> settings = new TreeMap<>();
    GroupCoordinatorConfig config =
            base(GroupCoordinatorConfig.Classic.defaults(), GroupCoordinatorConfig.Consumer.defaults());
    GroupCoordinator coordinator;
    private long ids;

    World() {
        coordinator = newCoordinator();
        elect();
    }

    GroupCoordinator newCoordinator() {
        return new GroupCoordinator(
                () -> config,
                groupId -> settings.getOrDefault(groupId, GroupSettings.of(config)),
                topics::view,
                () -> new Uuid(0, ++ids),
                _ -> loop,
                loop::run);
    }

    static GroupCoordinatorConfig base(
            GroupCoordinatorConfig.Classic classic, GroupCoordinatorConfig.Consumer consumer) {
        return new GroupCoordinatorConfig(1, 64, 3_600_000, 60_000, 5_000, classic, consumer);
    }

    void elect() {
        var next = log.nextLeader();
        coordinator.onElected(0, log.leaderEpoch(), next);
    }

    /// What another broker would know after taking over: everything that the log has.
    GroupMachine reloaded() {
        GroupMachine machine = new GroupMachine(() -> config, _ -> GroupSettings.of(config), topics::view);
        for (var batch : log.batches()) for (var record : batch.records()) machine.replay(batch, record);
        return machine;
    }

    /// The machine in office, to look at between steps.
    GroupMachine live() {
        AtomicReference<@Nullable GroupMachine> found = new AtomicReference<>();
        var answers = coordinator
                .shards()
                .readAll(
                        machine -> {
                            found.set(machine);
                            return ListGroupsResponse.builder().build();
                        },
                        ListGroupsResponse.class,
                        error -> ListGroupsResponse.builder().errorCode(error).build());
        Check.that(!answers.isEmpty(), "nobody is in office");
        GroupMachine machine = found.get();
        Check.that(machine != null, "nobody is in office");
        return machine;
    }
}
