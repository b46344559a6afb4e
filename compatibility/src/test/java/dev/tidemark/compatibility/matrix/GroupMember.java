package dev.tidemark.compatibility.matrix;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tidemark.compatibility.driver.ClientDriver;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/// A member of a group in a client's process of its own, polled all the time by a thread of its own, as a joining
/// client may wait inside of its poll for what another member does.
final class GroupMember implements AutoCloseable {
    private static final Duration LIMIT = Duration.ofSeconds(90);
    private static final int POLL_MS = 100;

    private final ClientDriver driver;
    private final Thread poller;
    private final List<Rec> records = new ArrayList<>();
    private volatile Set<String> assigned = Set.of();
    private volatile boolean stopping;
    private volatile @Nullable RuntimeException failure;

    GroupMember(ClientDriver driver, String topic, String group, String strategy) {
        this(driver, Map.of("topic", topic, "group", group, "strategy", strategy));
    }

    /// A static member of that `group.instance.id`.
    static GroupMember ofInstance(ClientDriver driver, String topic, String group, String strategy, String instance) {
        return new GroupMember(
                driver, Map.of("topic", topic, "group", group, "strategy", strategy, "instance", instance));
    }

    private GroupMember(ClientDriver driver, Map<String, String> arguments) {
        this.driver = driver;
        driver.call("member_open", arguments);
        poller = Thread.ofVirtual().start(this::pollOn);
    }

    private void pollOn() {
        try {
            while (!stopping) {
                JsonNode answer = driver.call("member_poll", Map.of("ms", POLL_MS));
                Set<String> now = new TreeSet<>();
                answer.get("assigned").forEach(partition -> now.add(partition.asText()));
                synchronized (records) {
                    records.addAll(Rec.ofAnswer(answer.get("records")));
                }
                assigned = now;
            }
        } catch (RuntimeException e) {
            failure = e;
        }
    }

    /// Names of partitions, `topic-0`.
    Set<String> assigned() {
        return assigned;
    }

    List<Rec> records() {
        synchronized (records) {
            return List.copyOf(records);
        }
    }

    /// Until it is so, or some member failed, or too long.
    static void await(String what, List<GroupMember> members, BooleanSupplier condition) throws InterruptedException {
        long untilNs = System.nanoTime() + LIMIT.toNanos();
        while (!condition.getAsBoolean()) {
            for (GroupMember member : members) {
                if (member.failure != null) throw new AssertionError(what + ": a member failed", member.failure);
            }
            if (System.nanoTime() > untilNs) {
                List<Set<String>> seen =
                        members.stream().map(GroupMember::assigned).toList();
                throw new AssertionError("not within " + LIMIT + ": " + what + "; assigned are " + seen);
            }
            TimeUnit.MILLISECONDS.sleep(20);
        }
    }

    /// Leaves the group in the client's own way.
    void leave() throws InterruptedException {
        stopping = true;
        poller.join();
        driver.call("member_close", Map.of());
    }

    @Override
    public void close() {
        stopping = true;
        driver.close();
    }
}
