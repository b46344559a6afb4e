package dev.tidemark.metadata.control;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.base.Bytes;
import dev.tidemark.base.TopicPartition;
import dev.tidemark.metadata.controller.ControllerInput.IsrMember;
import dev.tidemark.metadata.image.BrokerRegistration;
import dev.tidemark.metadata.image.PartitionRegistration;
import dev.tidemark.metadata.json.BrokerJson;
import dev.tidemark.metadata.json.ControllerJson;
import dev.tidemark.metadata.json.Parsed;
import dev.tidemark.metadata.json.PartitionStateJson;
import dev.tidemark.metadata.json.PartitionStateJson.State;
import dev.tidemark.metadata.json.Znodes;
import dev.tidemark.metadata.store.StoreOp;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Watches every write of the store, in order, and holds it to the rules of leadership.
final class StateChecks {
    private static final Pattern BROKER = Pattern.compile("/brokers/ids/(\\d+)");

    private static final String DELETIONS = Znodes.DELETE_TOPICS + "/";

    private final SortedMap<TopicPartition, State> states = new TreeMap<>();

    /// When a partition's first state was written, in writes.
    private final SortedMap<TopicPartition, Long> born = new TreeMap<>();

    private final SortedMap<Integer, BrokerRegistration> brokers = new TreeMap<>();
    private final SortedMap<Integer, Long> registered = new TreeMap<>();

    /// Members that the leader of an epoch has vouched for.
    private final Set<String> vouchedFor = new HashSet<>();

    /// Partitions of whose ISR an uncleanly stopped broker was one of several members.
    private final SortedMap<Integer, Set<TopicPartition>> doubtful = new TreeMap<>();

    private final Set<String> deleting = new HashSet<>();
    private int controllerEpoch;
    private long writes;

    /// Told of each write while it may not be finished as a whole: the ops of a multi come one by one.
    void onWrite(StoreOp op) {
        writes++;
        switch (op) {
            case StoreOp.Create(var path, var data, var _) -> onData(path, data);
            case StoreOp.SetData(var path, var data, var _) -> onData(path, data);
            case StoreOp.Delete(var path, var _) -> onDeleted(path);
            case StoreOp.CheckVersion _ -> {}
        }
    }

    /// A leader wants these members in its ISR.
    void onProposal(TopicPartition partition, int leaderEpoch, List<IsrMember> members) {
        members.forEach(member -> vouchedFor.add(partition + "/" + leaderEpoch + "/" + member.brokerId()));
    }

    private boolean isInSync(TopicPartition id, State before, int broker) {
        return before.isr().contains(broker) || vouchedFor.contains(id + "/" + before.leaderEpoch() + "/" + broker);
    }

    SortedMap<TopicPartition, State> states() {
        return states;
    }

    Map<Integer, BrokerRegistration> brokers() {
        return brokers;
    }

    private void onData(String path, Bytes data) {
        if (path.startsWith(DELETIONS)) deleting.add(path.substring(DELETIONS.length()));
        Matcher broker = BROKER.matcher(path);
        if (path.equals(Znodes.CONTROLLER_EPOCH)) onControllerEpoch(good(ControllerJson.parseEpoch(data)));
        else if (broker.matches()) onBroker(Integer.parseInt(broker.group(1)), data);
        else Znodes.partitionOfState(path).ifPresent(id -> onState(id, good(PartitionStateJson.parse(data))));
    }

    private void onDeleted(String path) {
        if (path.startsWith(DELETIONS)) deleting.remove(path.substring(DELETIONS.length()));
        Matcher broker = BROKER.matcher(path);
        if (broker.matches()) brokers.remove(Integer.parseInt(broker.group(1)));
        Optional<TopicPartition> state = Znodes.partitionOfState(path);
        if (state.isEmpty()) return;
        states.remove(state.get());
        doubtful.values().forEach(partitions -> partitions.remove(state.get()));
        born.remove(state.get());
    }

    private void onControllerEpoch(int epoch) {
        assertThat(epoch).as("controller epochs rise").isGreaterThanOrEqualTo(controllerEpoch);
        controllerEpoch = epoch;
    }

    private void onBroker(int id, Bytes data) {
        BrokerRegistration before = brokers.get(id);
        BrokerRegistration now = good(BrokerJson.parse(id, 0, data));
        brokers.put(id, now);
        if (before == null) onRegistered(id, now);
        else if (!before.stoppedCleanly() && now.stoppedCleanly()) onUncleanStopForgotten(id);
    }

    private void onRegistered(int id, BrokerRegistration broker) {
        registered.put(id, writes);
        doubtful.remove(id);
        if (broker.stoppedCleanly()) return;
        states.forEach((partition, state) -> {
            if (!isSettled(state, id))
                doubtful.computeIfAbsent(id, _ -> new HashSet<>()).add(partition);
        });
    }

    private static boolean isSettled(State state, int id) {
        return !state.isr().contains(id) || state.isr().size() == 1;
    }

    /// What the broker may have lost must not matter any more.
    private void onUncleanStopForgotten(int id) {
        Set<TopicPartition> left = doubtful.getOrDefault(id, Set.of());
        assertThat(left)
                .as("partitions in whose ISR broker %d is still, though it did not stop cleanly", id)
                .allMatch(partition -> deleting.contains(partition.topic()));
    }

    private void onState(TopicPartition id, State now) {
        State before = states.put(id, now);
        doubtful.forEach((broker, partitions) -> {
            if (isSettled(now, broker)) partitions.remove(id);
        });
        String change = id + ": " + before + " -> " + now;
        assertThat(now.controllerEpoch()).as(change).isEqualTo(controllerEpoch);
        assertThat(now.isr()).as(change).isNotEmpty().doesNotHaveDuplicates();
        boolean led = now.leader() != PartitionRegistration.NO_LEADER;
        if (led) assertThat(now.isr()).as(change).contains(now.leader());
        if (before == null) born.put(id, writes);
        else onChange(id, change, before, now);
    }

    private void onChange(TopicPartition id, String change, State before, State now) {
        assertThat(now.leaderEpoch()).as(change).isGreaterThanOrEqualTo(before.leaderEpoch());
        boolean newReign = now.leaderEpoch() > before.leaderEpoch();
        if (!newReign) assertThat(now.leader()).as(change).isEqualTo(before.leader());
        boolean led = now.leader() != PartitionRegistration.NO_LEADER;
        if (newReign && led) {
            assertThat(isInSync(id, before, now.leader())).as(change).isTrue();
            onReign(id, change, before, now);
        }
        for (int member : now.isr()) {
            assertThat(isInSync(id, before, member)).as(change).isTrue();
            if (!before.isr().contains(member)) onJoined(change, member);
        }
    }

    /// Who may have lost records leads only where nobody else could have them.
    private void onReign(TopicPartition id, String change, State before, State now) {
        BrokerRegistration leader = brokers.get(now.leader());
        if (leader == null || leader.stoppedCleanly() || born.get(id) >= registered.get(now.leader())) return;
        boolean othersHaveIt = before.isr().stream()
                .anyMatch(member ->
                        member != now.leader() && (isClean(member) || now.isr().contains(member)));
        assertThat(othersHaveIt).as(change + " of an uncleanly stopped broker").isFalse();
    }

    private boolean isClean(int member) {
        BrokerRegistration broker = brokers.get(member);
        return broker == null || broker.stoppedCleanly();
    }

    private void onJoined(String change, int member) {
        BrokerRegistration broker = brokers.get(member);
        // It may have gone a moment ago: then its going is about to be written, too.
        if (broker != null) assertThat(broker.stoppedCleanly()).as(change).isTrue();
    }

    private static <T> T good(Parsed<T> parsed) {
        return switch (parsed) {
            case Parsed.Good<T>(var value) -> value;
            case Parsed.Bad<T>(var why) -> throw new AssertionError(why);
        };
    }
}
