package dev.tidemark.replication;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.base.TopicPartition;
import dev.tidemark.base.Uuid;
import dev.tidemark.protocol.ErrorCode;
import dev.tidemark.replication.follower.EpochEnd;
import dev.tidemark.replication.follower.FollowStep;
import dev.tidemark.replication.follower.FollowerPosition;
import dev.tidemark.replication.follower.FollowerState;
import dev.tidemark.replication.follower.LeaderAnswer;
import dev.tidemark.replication.leader.IsrMember;
import dev.tidemark.replication.leader.IsrOutcome;
import dev.tidemark.replication.leader.IsrProposal;
import dev.tidemark.replication.leader.LeaderEffects;
import dev.tidemark.replication.leader.LeaderState;
import dev.tidemark.replication.leader.LeaderTerm;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// One partition on some replicas, a controller, and messages between them that wait, overtake each other and get
/// lost, all by one seed. Records are told apart by a number; a replica's log is the list of what it has.
final class ReplicationModel {
    private static final long LAG_MS = 50;

    private record Rec(int epoch, int number) {}

    /// What the controller has decided.
    private record State(int leader, int leaderEpoch, int partitionEpoch, List<Integer> isr) {}

    private record Fetch(int from, FollowerPosition position) {}

    private record Answer(int to, FollowerPosition asked, LeaderAnswer answer, List<Rec> records) {}

    private record Proposed(int from, IsrProposal proposal) {}

    private record Outcome(int to, IsrProposal proposal, IsrOutcome outcome) {}

    private final Random random;
    private final int minInSync;
    private final boolean unclean;
    private final List<Integer> ids = new ArrayList<>();
    private final List<Replica> replicas = new ArrayList<>();
    private final List<Object> messages = new ArrayList<>();
    private final List<State> states = new ArrayList<>();
    /// What was committed at some leader, by offset.
    private final TreeMap<Long, Rec> committed = new TreeMap<>();
    private final LeaderEffects effects = new LeaderEffects();
    private State state;
    private long nowMs = 1000;
    private int nextNumber;

    ReplicationModel(long seed, int count, int minInSync, boolean unclean) {
        this.random = new Random(seed);
        this.minInSync = minInSync;
        this.unclean = unclean;
        for (int id = 0; id < count; id++) {
            ids.add(id);
            replicas.add(new Replica(id));
        }
        state = new State(0, 1, 1, List.copyOf(ids));
        states.add(state);
    }

    private final class Replica {
        final int id;
        final List<Rec> log = new ArrayList<>();
        final TreeMap<Integer, Long> epochs = new TreeMap<>();
        long highWatermark;
        int seen = -1;
        int epoch = -1;

        @Nullable
        LeaderState leading;

        @Nullable
        FollowerState following;

        Replica(int id) {
            this.id = id;
        }

        long end() {
            return log.size();
        }

        EpochEnd endOf(int asked) {
            if (epochs.isEmpty() || asked < 0 || asked > epochs.lastKey()) return EpochEnd.UNKNOWN;
            Integer above = epochs.higherKey(asked);
            Integer known = epochs.floorKey(asked);
            long end = above == null ? end() : epochs.get(above);
            return new EpochEnd(known == null ? asked : known, end);
        }

        void append(Rec rec) {
            if (epochs.isEmpty() || epochs.lastKey() != rec.epoch) startEpoch(rec.epoch);
            log.add(rec);
        }

        void startEpoch(int newEpoch) {
            while (!epochs.isEmpty()
                    && (epochs.lastKey() >= newEpoch || epochs.lastEntry().getValue() >= end())) {
                if (epochs.lastKey() == newEpoch) return;
                epochs.pollLastEntry();
            }
            epochs.put(newEpoch, end());
        }

        void cutTo(long offset) {
            while (log.size() > offset) log.removeLast();
            while (!epochs.isEmpty() && epochs.lastEntry().getValue() >= end()) epochs.pollLastEntry();
            highWatermark = Math.min(highWatermark, end());
        }

        void learn(int version) {
            if (version <= seen || version >= states.size()) return;
            seen = version;
            State told = states.get(version);
            if (told.leaderEpoch < epoch) return;
            if (told.leader == id) lead(told);
            else if (told.leaderEpoch > epoch) follow(told);
            epoch = told.leaderEpoch;
        }

        void lead(State told) {
            LeaderTerm term = new LeaderTerm(told.leaderEpoch, told.partitionEpoch, ids, told.isr);
            if (leading != null && leading.leaderEpoch() == told.leaderEpoch) {
                effects.clear();
                leading.onTerm(term, nowMs, effects);
            } else {
                startEpoch(told.leaderEpoch);
                following = null;
                leading = new LeaderState(
                        id, term, end(), end(), end(), highWatermark, minInSync, LAG_MS, (_, _) -> true, nowMs);
            }
            took(this);
        }

        void follow(State told) {
            leading = null;
            cutTo(end());
            following = told.leader < 0 ? null : new FollowerState(told.leader, told.leaderEpoch);
        }

        @Nullable
        FollowerPosition position() {
            if (following == null) return null;
            int last = log.isEmpty() ? -1 : log.getLast().epoch;
            return new FollowerPosition(
                    new Uuid(1, 1),
                    new TopicPartition("t", 0),
                    following.leaderId(),
                    following.leaderEpoch(),
                    end(),
                    last,
                    0);
        }
    }

    /// What a leader's change brought about.
    private void took(Replica leader) {
        LeaderState leading = leader.leading;
        if (leading == null) return;
        assertThat(leading.highWatermark()).isBetween(leader.highWatermark, leader.end());
        for (long offset = leader.highWatermark; offset < leading.highWatermark(); offset++) {
            Rec rec = leader.log.get((int) offset);
            Rec before = committed.put(offset, rec);
            if (!unclean && before != null)
                assertThat(rec).as("offset " + offset).isEqualTo(before);
        }
        leader.highWatermark = leading.highWatermark();
        if (effects.proposal() != null) messages.add(new Proposed(leader.id, effects.proposal()));
        effects.clear();
    }

    void run(int steps) {
        for (int i = 0; i < steps; i++) {
            step(random.nextInt(100));
            if (!unclean) check();
        }
    }

    private void step(int what) {
        nowMs += random.nextInt(6);
        Replica any = replicas.get(random.nextInt(replicas.size()));
        if (what < 18) produce(any);
        else if (what < 38) sendFetch(any);
        else if (what < 72) deliverAny();
        else if (what < 76 && !messages.isEmpty()) messages.remove(random.nextInt(messages.size()));
        else if (what < 88) any.learn(any.seen + 1 + random.nextInt(Math.max(1, states.size() - any.seen - 1)));
        else if (what < 92) onTime(any);
        else if (what < 95) resend(any);
        else if (what < 97) elect();
    }

    private void produce(Replica replica) {
        if (replica.leading == null) return;
        replica.append(new Rec(replica.leading.leaderEpoch(), nextNumber++));
        effects.clear();
        replica.leading.onEnd(replica.end(), replica.end(), effects);
        took(replica);
    }

    private void sendFetch(Replica replica) {
        FollowerPosition position = replica.position();
        if (position != null) messages.add(new Fetch(replica.id, position));
    }

    private void onTime(Replica replica) {
        if (replica.leading == null) return;
        effects.clear();
        replica.leading.onTime(nowMs, effects);
        took(replica);
    }

    private void resend(Replica replica) {
        if (replica.leading == null || replica.leading.underWay() == null) return;
        messages.add(new Proposed(replica.id, replica.leading.underWay()));
        replica.leading.onSentAgain();
    }

    private void deliverAny() {
        if (!messages.isEmpty()) deliver(messages.remove(random.nextInt(messages.size())));
    }

    private void deliver(Object message) {
        switch (message) {
            case Fetch(int from, FollowerPosition position) ->
                messages.add(answer(replicas.get(position.leaderId()), from, position));
            case Answer answer -> onAnswer(replicas.get(answer.to), answer);
            case Proposed(int from, IsrProposal proposal) -> messages.add(decide(from, proposal));
            case Outcome(int to, IsrProposal proposal, IsrOutcome outcome) -> {
                Replica replica = replicas.get(to);
                if (replica.leading == null || replica.leading.leaderEpoch() != proposal.leaderEpoch()) return;
                effects.clear();
                replica.leading.onOutcome(proposal, outcome, nowMs, effects);
                took(replica);
            }
            default -> throw new AssertionError(message);
        }
    }

    private Answer answer(Replica leader, int from, FollowerPosition asked) {
        LeaderState leading = leader.leading;
        if (leading == null || leading.leaderEpoch() != asked.leaderEpoch()) {
            return new Answer(from, asked, refusal(ErrorCode.NOT_LEADER_OR_FOLLOWER), List.of());
        }
        EpochEnd end = asked.lastFetchedEpoch() < 0 ? EpochEnd.UNKNOWN : leader.endOf(asked.lastFetchedEpoch());
        boolean agrees = asked.lastFetchedEpoch() < 0
                || (end.epoch() == asked.lastFetchedEpoch() && end.endOffset() >= asked.fetchOffset());
        if (!agrees) {
            return new Answer(from, asked, new LeaderAnswer(ErrorCode.NONE, end, leader.highWatermark, 0), List.of());
        }
        if (asked.fetchOffset() > leader.end()) {
            return new Answer(from, asked, refusal(ErrorCode.OFFSET_OUT_OF_RANGE), List.of());
        }
        effects.clear();
        leading.onFollowerFetch(from, 1, asked.fetchOffset(), 0, nowMs, effects);
        took(leader);
        int begin = (int) asked.fetchOffset();
        int until = Math.min((int) leader.end(), begin + random.nextInt(4));
        List<Rec> records = List.copyOf(leader.log.subList(begin, until));
        return new Answer(
                from, asked, new LeaderAnswer(ErrorCode.NONE, EpochEnd.UNKNOWN, leader.highWatermark, 0), records);
    }

    private static LeaderAnswer refusal(ErrorCode error) {
        return new LeaderAnswer(error, EpochEnd.UNKNOWN, -1, -1);
    }

    private void onAnswer(Replica replica, Answer answer) {
        FollowerPosition now = replica.position();
        if (replica.following == null || now == null) return;
        switch (replica.following.next(answer.asked, answer.answer, now, replica::endOf)) {
            case FollowStep.Append _ -> {
                for (Rec rec : answer.records) replica.append(rec);
                replica.highWatermark = FollowerState.highWatermark(
                        replica.highWatermark, answer.answer.highWatermark(), replica.end());
            }
            case FollowStep.CutTo(long offset) -> {
                assertThat(offset).as("a cut that cuts nothing never ends").isLessThan(replica.end());
                if (!unclean) assertThat(offset).isGreaterThanOrEqualTo(replica.highWatermark);
                replica.cutTo(offset);
            }
            case FollowStep.RestartAt(long offset) -> throw new AssertionError("restart at " + offset);
            case FollowStep.Ignore _, FollowStep.Wait _, FollowStep.Fail _ -> {}
        }
    }

    private Outcome decide(int from, IsrProposal proposal) {
        if (proposal.leaderEpoch() != state.leaderEpoch) {
            return new Outcome(from, proposal, new IsrOutcome.Refused(ErrorCode.FENCED_LEADER_EPOCH));
        }
        if (proposal.partitionEpoch() != state.partitionEpoch) {
            return new Outcome(from, proposal, new IsrOutcome.Refused(ErrorCode.INVALID_UPDATE_VERSION));
        }
        if (random.nextInt(10) == 0) {
            return new Outcome(from, proposal, new IsrOutcome.Refused(ErrorCode.INELIGIBLE_REPLICA));
        }
        List<Integer> isr =
                proposal.newIsr().stream().map(IsrMember::brokerId).sorted().toList();
        decided(new State(state.leader, state.leaderEpoch, state.partitionEpoch + 1, isr));
        return new Outcome(from, proposal, new IsrOutcome.Accepted(state.leaderEpoch, state.partitionEpoch, state.isr));
    }

    private void decided(State next) {
        state = next;
        states.add(next);
    }

    /// Another leader out of the ISR, or the same one; now and then the old one is dead and so no member any more.
    private void elect() {
        boolean fromAll = unclean && random.nextInt(3) == 0;
        List<Integer> candidates = fromAll ? ids : state.isr;
        int leader = candidates.get(random.nextInt(candidates.size()));
        List<Integer> isr = new ArrayList<>(state.isr);
        if (fromAll && !isr.contains(leader)) isr = new ArrayList<>(List.of(leader));
        else if (random.nextBoolean() && leader != state.leader) isr.removeIf(member -> member == state.leader);
        decided(new State(leader, state.leaderEpoch + 1, state.partitionEpoch + 1, isr));
    }

    private void check() {
        Replica leader = replicas.get(state.leader);
        committed.forEach((offset, rec) -> {
            for (int member : state.isr) {
                List<Rec> log = replicas.get(member).log;
                assertThat(log.size()).as("the log of member " + member).isGreaterThan(offset.intValue());
                assertThat(log.get(offset.intValue())).isEqualTo(rec);
            }
        });
        for (Replica replica : replicas) {
            for (int i = 0; i < replica.highWatermark; i++) {
                assertThat(replica.log.get(i)).isEqualTo(leader.log.get(i));
            }
        }
    }

    /// Every message arrives, nobody is elected, and time passes.
    void settle() {
        for (Replica replica : replicas) replica.learn(states.size() - 1);
        for (int round = 0; round < 300; round++) {
            nowMs += 20;
            for (Replica replica : replicas) {
                if (messages.size() < 50) sendFetch(replica);
                resend(replica);
                onTime(replica);
                replica.learn(states.size() - 1);
            }
            for (int i = messages.size(); i > 0; i--) deliver(messages.removeFirst());
        }
    }

    int isrSize() {
        return state.isr.size();
    }

    boolean logsAreEqual() {
        return replicas.stream().allMatch(replica -> replica.log.equals(replicas.getFirst().log));
    }

    boolean allIsCommitted() {
        return replicas.stream().allMatch(replica -> replica.highWatermark == replica.end());
    }
}
