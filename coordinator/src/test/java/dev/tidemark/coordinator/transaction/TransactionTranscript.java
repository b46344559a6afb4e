package dev.tidemark.coordinator.transaction;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.base.TopicPartition;
import dev.tidemark.coordinator.runtime.Decision;
import dev.tidemark.coordinator.runtime.Effect;
import dev.tidemark.coordinator.runtime.LogBatch;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;

/// What producers ask one machine and hear, as a transcript: `>` what is asked, `<` the answer, `!` what is sent to
/// partitions, and what is known afterwards. Fresh producer ids count from 100.
final class TransactionTranscript {
    static final String ID = "id";

    private final List<String> lines = new ArrayList<>();
    private TransactionMachine machine = new TransactionMachine(TransactionConfig::defaults);
    private long nowMs = 1_000;
    private long fresh = 100;
    private short version = 2;

    TransactionMachine machine() {
        return machine;
    }

    long nowMs() {
        return nowMs;
    }

    /// From now on decisions are made by this one, which knows nothing yet.
    void become(TransactionMachine next) {
        machine = next;
    }

    void speak(int version) {
        this.version = (short) version;
    }

    void pass(long ms) {
        nowMs += ms;
    }

    /// Forgets the lines before.
    void begin() {
        lines.clear();
    }

    static SortedSet<TopicPartition> partitions(int... indexes) {
        SortedSet<TopicPartition> all = new TreeSet<>();
        for (int index : indexes) all.add(new TopicPartition("t", index));
        return all;
    }

    void ask(String words, TransactionInput input) {
        lines.add("> " + words);
        var decision = machine.decide(ID, input, 1, nowMs);
        if (input instanceof TransactionInput.MarkersWritten)
            assertThat(decision.reply())
                    .as("whoever tells hears that it was heard")
                    .isNotNull();
        tell(decision);
    }

    void tell(Decision<TransactionInput, TransactionFact, TransactionReply> decision) {
        for (TransactionFact fact : decision.facts()) machine.apply(ID, fact);
        switch (decision.reply()) {
            case null -> {}
            case TransactionReply.Noted() -> {}
            case TransactionReply.Identity(var error, var producerId, var epoch) ->
                lines.add("< " + error + (producerId < 0 ? "" : " " + producerId + "/" + epoch));
            case TransactionReply.Kept(var producerId, var epoch, var ongoingId, var ongoingEpoch) ->
                lines.add("< NONE " + producerId + "/" + epoch + " keeps " + ongoingId + "/" + ongoingEpoch);
            case TransactionReply.Partitions(var errors) -> lines.add("< " + errors);
            case TransactionReply.NeedsProducerId() -> lines.add("< needs a producer id");
            case TransactionReply.Described _, TransactionReply.Listed _, TransactionReply.Failed _ ->
                lines.add("< ...");
        }
        tellEffects(decision.effects());
    }

    private void tellEffects(List<Effect<TransactionInput, TransactionReply>> effects) {
        for (Effect<TransactionInput, TransactionReply> effect : effects) {
            if (effect instanceof Effect.Send<TransactionInput, TransactionReply>(WriteMarkers markers))
                lines.add("! " + (markers.commit() ? "commit " : "abort ") + markers.producerId() + "/"
                        + markers.epoch() + " " + markers.partitions());
        }
    }

    void init() {
        init(-1, -1, -1);
    }

    void init(long producerId, int epoch, long freshId) {
        String resumed = producerId < 0 ? "" : " as " + producerId + "/" + epoch;
        ask(
                "init" + resumed,
                new TransactionInput.InitProducerId(60_000, producerId, (short) epoch, false, false, freshId));
        if (lines.getLast().equals("< needs a producer id")) init(producerId, epoch, fresh++);
    }

    void initTwoPhase() {
        ask("init 2pc", new TransactionInput.InitProducerId(1, -1, (short) -1, false, true, fresh++));
    }

    void takeOver() {
        takeOver(-1);
    }

    private void takeOver(long freshId) {
        ask("take over", new TransactionInput.InitProducerId(60_000, -1, (short) -1, true, false, freshId));
        if (lines.getLast().equals("< needs a producer id")) takeOver(fresh++);
    }

    void add(long producerId, int epoch, int... indexes) {
        ask(
                "add " + producerId + "/" + epoch,
                new TransactionInput.AddPartitions(producerId, (short) epoch, partitions(indexes), version));
    }

    void end(boolean commit, long producerId, int epoch) {
        end(commit, producerId, epoch, -1);
    }

    private void end(boolean commit, long producerId, int epoch, long freshId) {
        ask(
                (commit ? "commit " : "abort ") + producerId + "/" + epoch,
                new TransactionInput.End(producerId, (short) epoch, commit, version, freshId));
        if (lines.getLast().equals("< needs a producer id")) end(commit, producerId, epoch, fresh++);
    }

    void written(long producerId, int epoch, int... indexes) {
        ask(
                "written " + producerId + "/" + epoch,
                new TransactionInput.MarkersWritten(producerId, (short) epoch, partitions(indexes)));
        state();
    }

    void timeOut(long producerId, int epoch) {
        ask("timed out", new TransactionInput.TimedOut(producerId, (short) epoch));
    }

    void state() {
        Transaction known = machine.transaction(ID);
        lines.add(
                known == null
                        ? "= nothing"
                        : "= " + known.state().label() + " " + known.producerId() + "/" + known.epoch());
    }

    void expect(String transcript) {
        assertThat(String.join("\n", lines)).isEqualTo(transcript.strip());
    }

    /// Another leader reads the log of this one.
    void failOver() {
        TransactionMachine next = new TransactionMachine(TransactionConfig::defaults);
        for (String id : machine.keys())
            for (var record : machine.encode(id, new TransactionFact.Saved(machine.transaction(id))))
                next.replay(LogBatch.of(List.of(record)), record);
        machine = next;
        lines.add("-- fail over");
        tellEffects(machine.onLoaded(ID, nowMs));
    }
}
