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
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// What producers ask and hear, as transcripts: `>` what is asked, `<` the answer, `!` what is sent to partitions,
/// and what is known afterwards. Fresh producer ids count from 100.
class TransactionScenarioTest {
    private static final String ID = "id";

    private final List<String> lines = new ArrayList<>();
    private TransactionMachine machine = new TransactionMachine(TransactionConfig::defaults);
    private long nowMs = 1_000;
    private long fresh = 100;
    private short version;

    @BeforeEach
    void speakTheNewestVersion() {
        version = 2;
    }

    private static SortedSet<TopicPartition> partitions(int... indexes) {
        SortedSet<TopicPartition> all = new TreeSet<>();
        for (int index : indexes) all.add(new TopicPartition("t", index));
        return all;
    }

    private void ask(String words, TransactionInput input) {
        lines.add("> " + words);
        var decision = machine.decide(ID, input, 1, nowMs);
        if (input instanceof TransactionInput.MarkersWritten)
            assertThat(decision.reply())
                    .as("whoever tells hears that it was heard")
                    .isNotNull();
        tell(decision);
    }

    private void tell(Decision<TransactionInput, TransactionFact, TransactionReply> decision) {
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

    private void init() {
        init(-1, -1, -1);
    }

    private void init(long producerId, int epoch, long freshId) {
        String resumed = producerId < 0 ? "" : " as " + producerId + "/" + epoch;
        ask(
                "init" + resumed,
                new TransactionInput.InitProducerId(60_000, producerId, (short) epoch, false, false, freshId));
        if (lines.getLast().equals("< needs a producer id")) init(producerId, epoch, fresh++);
    }

    private void initTwoPhase() {
        ask("init 2pc", new TransactionInput.InitProducerId(1, -1, (short) -1, false, true, fresh++));
    }

    private void takeOver() {
        takeOver(-1);
    }

    private void takeOver(long freshId) {
        ask("take over", new TransactionInput.InitProducerId(60_000, -1, (short) -1, true, false, freshId));
        if (lines.getLast().equals("< needs a producer id")) takeOver(fresh++);
    }

    private void add(long producerId, int epoch, int... indexes) {
        ask(
                "add " + producerId + "/" + epoch,
                new TransactionInput.AddPartitions(producerId, (short) epoch, partitions(indexes), version));
    }

    private void end(boolean commit, long producerId, int epoch) {
        end(commit, producerId, epoch, -1);
    }

    private void end(boolean commit, long producerId, int epoch, long freshId) {
        ask(
                (commit ? "commit " : "abort ") + producerId + "/" + epoch,
                new TransactionInput.End(producerId, (short) epoch, commit, version, freshId));
        if (lines.getLast().equals("< needs a producer id")) end(commit, producerId, epoch, fresh++);
    }

    private void written(long producerId, int epoch, int... indexes) {
        ask(
                "written " + producerId + "/" + epoch,
                new TransactionInput.MarkersWritten(producerId, (short) epoch, partitions(indexes)));
        state();
    }

    private void timeOut(long producerId, int epoch) {
        ask("timed out", new TransactionInput.TimedOut(producerId, (short) epoch));
    }

    private void state() {
        Transaction known = machine.transaction(ID);
        lines.add(
                known == null
                        ? "= nothing"
                        : "= " + known.state().label() + " " + known.producerId() + "/" + known.epoch());
    }

    private void expect(String transcript) {
        assertThat(String.join("\n", lines)).isEqualTo(transcript.strip());
    }

    /// Another leader reads the log of this one.
    private void failOver() {
        TransactionMachine next = new TransactionMachine(TransactionConfig::defaults);
        for (String id : machine.keys())
            for (var record : machine.encode(id, new TransactionFact.Saved(machine.transaction(id))))
                next.replay(LogBatch.of(List.of(record)), record);
        machine = next;
        lines.add("-- fail over");
        tellEffects(machine.onLoaded(ID, nowMs));
    }

    @Test
    void eachEndGivesTheNextEpoch() {
        init();
        add(100, 0, 0, 1);
        end(true, 100, 0);
        end(true, 100, 0);
        add(100, 1, 2);
        written(100, 1, 0);
        written(100, 1, 1);
        end(true, 100, 0);
        add(100, 1, 2);
        end(false, 100, 1);

        expect("""
                > init
                < needs a producer id
                > init
                < NONE 100/0
                > add 100/0
                < {t-0=NONE, t-1=NONE}
                > commit 100/0
                < NONE 100/1
                ! commit 100/1 [t-0, t-1]
                > commit 100/0
                < CONCURRENT_TRANSACTIONS
                > add 100/1
                < {t-2=CONCURRENT_TRANSACTIONS}
                > written 100/1
                = PrepareCommit 100/1
                > written 100/1
                = CompleteCommit 100/1
                > commit 100/0
                < NONE 100/1
                > add 100/1
                < {t-2=NONE}
                > abort 100/1
                < NONE 100/2
                ! abort 100/2 [t-2]
                """);
    }

    @Test
    void olderClientsKeepTheirEpoch() {
        version = 0;
        init();
        add(100, 0, 0);
        end(true, 100, 0);
        written(100, 0, 0);
        end(true, 100, 0);
        end(false, 100, 0);

        expect("""
                > init
                < needs a producer id
                > init
                < NONE 100/0
                > add 100/0
                < {t-0=NONE}
                > commit 100/0
                < NONE 100/0
                ! commit 100/0 [t-0]
                > written 100/0
                = CompleteCommit 100/0
                > commit 100/0
                < NONE 100/0
                > abort 100/0
                < INVALID_TXN_STATE
                """);
    }

    @Test
    void aNewProducerPutsTheOldOneOut() {
        init();
        add(100, 0, 0);
        init();
        end(true, 100, 0);
        add(100, 0, 1);
        init();
        written(100, 1, 0);
        init();
        add(100, 0, 1);
        end(true, 100, 0);
        end(false, 100, 0);

        expect("""
                > init
                < needs a producer id
                > init
                < NONE 100/0
                > add 100/0
                < {t-0=NONE}
                > init
                < CONCURRENT_TRANSACTIONS
                ! abort 100/1 [t-0]
                > commit 100/0
                < PRODUCER_FENCED
                > add 100/0
                < {t-1=PRODUCER_FENCED}
                > init
                < CONCURRENT_TRANSACTIONS
                > written 100/1
                = CompleteAbort 100/1
                > init
                < NONE 100/2
                > add 100/0
                < {t-1=PRODUCER_FENCED}
                > commit 100/0
                < PRODUCER_FENCED
                > abort 100/0
                < PRODUCER_FENCED
                """);
    }

    @Test
    void aCommitThatATimeoutOvertookIsFencedAndNotFatal() {
        init();
        add(100, 0, 0);
        timeOut(100, 0);
        end(true, 100, 0);
        written(100, 1, 0);
        end(true, 100, 0);
        end(false, 100, 0);
        timeOut(100, 0);
        state();

        expect("""
                > init
                < needs a producer id
                > init
                < NONE 100/0
                > add 100/0
                < {t-0=NONE}
                > timed out
                ! abort 100/1 [t-0]
                > commit 100/0
                < PRODUCER_FENCED
                > written 100/1
                = CompleteAbort 100/1
                > commit 100/0
                < PRODUCER_FENCED
                > abort 100/0
                < NONE 100/1
                > timed out
                = CompleteAbort 100/1
                """);
    }

    @Test
    void aLateEndCannotCloseTheNextTransaction() {
        init();
        add(100, 0, 0);
        end(true, 100, 0);
        written(100, 1, 0);
        add(100, 1, 1);
        end(false, 100, 0);
        end(true, 100, 0);
        state();

        expect("""
                > init
                < needs a producer id
                > init
                < NONE 100/0
                > add 100/0
                < {t-0=NONE}
                > commit 100/0
                < NONE 100/1
                ! commit 100/1 [t-0]
                > written 100/1
                = CompleteCommit 100/1
                > add 100/1
                < {t-1=NONE}
                > abort 100/0
                < PRODUCER_FENCED
                > commit 100/0
                < PRODUCER_FENCED
                = Ongoing 100/1
                """);
    }

    @Test
    void aProducerResumesWithItsEpochOnce() {
        init();
        init(100, 0, -1);
        init(100, 0, -1);
        init(100, 1, -1);
        init(100, 0, -1);
        add(100, 2, 0);
        init(100, 1, -1);
        init(7, 0, -1);
        state();

        expect("""
                > init
                < needs a producer id
                > init
                < NONE 100/0
                > init as 100/0
                < NONE 100/1
                > init as 100/0
                < NONE 100/1
                > init as 100/1
                < NONE 100/2
                > init as 100/0
                < PRODUCER_FENCED
                > add 100/2
                < {t-0=NONE}
                > init as 100/1
                < PRODUCER_FENCED
                > init as 7/0
                < PRODUCER_FENCED
                = Ongoing 100/2
                """);
    }

    @Test
    void usedUpEpochsGiveAnotherProducerId() {
        machine.apply(
                ID,
                new TransactionFact.Saved(
                        Transaction.of(50, 60_000, nowMs).renewed(Transaction.EPOCH_MAX, -1, 60_000, nowMs)));
        add(50, Transaction.EPOCH_MAX, 0);
        end(true, 50, Transaction.EPOCH_MAX);
        end(true, 50, Transaction.EPOCH_MAX);
        written(50, Short.MAX_VALUE, 0);
        end(true, 50, Transaction.EPOCH_MAX);
        add(100, 0, 1);

        expect("""
                > add 50/32766
                < {t-0=NONE}
                > commit 50/32766
                < needs a producer id
                > commit 50/32766
                < NONE 100/0
                ! commit 50/32767 [t-0]
                > commit 50/32766
                < CONCURRENT_TRANSACTIONS
                > written 50/32767
                = CompleteCommit 100/0
                > commit 50/32766
                < NONE 100/0
                > add 100/0
                < {t-1=NONE}
                """);
    }

    @Test
    void aProducerThatGotAnotherIdWaitsForItsMarkersToo() {
        machine.apply(
                ID,
                new TransactionFact.Saved(
                        Transaction.of(50, 60_000, nowMs).renewed(Transaction.EPOCH_MAX, -1, 60_000, nowMs)));
        add(50, Transaction.EPOCH_MAX, 0);
        end(true, 50, Transaction.EPOCH_MAX);
        add(100, 0, 1);
        end(false, 100, 0);
        init(100, 0, -1);
        failOver();
        add(100, 0, 1);
        add(101, 0, 1);
        written(50, Short.MAX_VALUE, 0);
        add(100, 0, 1);

        expect("""
                > add 50/32766
                < {t-0=NONE}
                > commit 50/32766
                < needs a producer id
                > commit 50/32766
                < NONE 100/0
                ! commit 50/32767 [t-0]
                > add 100/0
                < {t-1=CONCURRENT_TRANSACTIONS}
                > abort 100/0
                < CONCURRENT_TRANSACTIONS
                > init as 100/0
                < CONCURRENT_TRANSACTIONS
                -- fail over
                ! commit 50/32767 [t-0]
                > add 100/0
                < {t-1=CONCURRENT_TRANSACTIONS}
                > add 101/0
                < {t-1=INVALID_PRODUCER_ID_MAPPING}
                > written 50/32767
                = CompleteCommit 100/0
                > add 100/0
                < {t-1=NONE}
                """);
    }

    @Test
    void anotherLeaderGoesOnWhereTheLogEnds() {
        init();
        add(100, 0, 0, 1);
        failOver();
        end(true, 100, 0);
        written(100, 1, 0);
        failOver();
        written(100, 1, 0, 1);
        failOver();
        end(true, 100, 0);

        expect("""
                > init
                < needs a producer id
                > init
                < NONE 100/0
                > add 100/0
                < {t-0=NONE, t-1=NONE}
                -- fail over
                > commit 100/0
                < NONE 100/1
                ! commit 100/1 [t-0, t-1]
                > written 100/1
                = PrepareCommit 100/1
                -- fail over
                ! commit 100/1 [t-1]
                > written 100/1
                = CompleteCommit 100/1
                -- fail over
                > commit 100/0
                < NONE 100/1
                """);
    }

    @Test
    void abortsOfNothingGiveANewEpoch() {
        init();
        end(false, 100, 0);
        end(false, 100, 0);
        end(true, 100, 1);
        state();

        expect("""
                > init
                < needs a producer id
                > init
                < NONE 100/0
                > abort 100/0
                < NONE 100/1
                > abort 100/0
                < NONE 100/1
                > commit 100/1
                < INVALID_TXN_STATE
                = CompleteAbort 100/1
                """);
    }

    @Test
    void partitionsAskWhetherTheyTakePart() {
        init();
        add(100, 0, 0);
        ask("verify", new TransactionInput.VerifyPartitions(100, (short) 0, partitions(0, 1)));
        ask("verify", new TransactionInput.VerifyPartitions(100, (short) 1, partitions(0)));
        ask("verify", new TransactionInput.VerifyPartitions(7, (short) 0, partitions(0)));
        lines.subList(0, 6).clear();

        expect("""
                > verify
                < {t-0=NONE, t-1=TRANSACTION_ABORTABLE}
                > verify
                < {t-0=PRODUCER_FENCED}
                > verify
                < {t-0=INVALID_PRODUCER_ID_MAPPING}
                """);
    }

    @Test
    void idsThatNobodyUsesAreForgottenButNotWhatIsOpen() {
        init();
        add(100, 0, 0);
        nowMs += TransactionConfig.defaults().idExpirationMs();
        ask("expire", new TransactionInput.Expire());
        state();
        end(true, 100, 0);
        written(100, 1, 0);
        nowMs += TransactionConfig.defaults().idExpirationMs();
        ask("expire", new TransactionInput.Expire());
        state();
        lines.subList(0, 6).clear();

        expect("""
                > expire
                = Ongoing 100/0
                > commit 100/0
                < NONE 100/1
                ! commit 100/1 [t-0]
                > written 100/1
                = CompleteCommit 100/1
                > expire
                = nothing
                """);
    }

    @Test
    void whoTakesATransactionOverEndsIt() {
        init();
        add(100, 0, 0);
        takeOver();
        state();
        add(100, 1, 1);
        add(100, 0, 1);
        end(true, 100, 0);
        failOver();
        end(true, 100, 1);
        end(true, 100, 1);
        end(true, 100, 0);
        written(100, 1, 0);
        end(true, 100, 1);
        end(true, 100, 0);
        add(100, 2, 0);

        expect("""
                > init
                < needs a producer id
                > init
                < NONE 100/0
                > add 100/0
                < {t-0=NONE}
                > take over
                < NONE 100/1 keeps 100/0
                = Ongoing 100/0
                > add 100/1
                < {t-1=INVALID_TXN_STATE}
                > add 100/0
                < {t-1=PRODUCER_FENCED}
                > commit 100/0
                < PRODUCER_FENCED
                -- fail over
                > commit 100/1
                < NONE 100/2
                ! commit 100/1 [t-0]
                > commit 100/1
                < CONCURRENT_TRANSACTIONS
                > commit 100/0
                < PRODUCER_FENCED
                > written 100/1
                = CompleteCommit 100/2
                > commit 100/1
                < NONE 100/2
                > commit 100/0
                < PRODUCER_FENCED
                > add 100/2
                < {t-0=NONE}
                """);
    }

    /// Each that comes puts out the one before, and the transaction stays what it was.
    @Test
    void aTransactionIsTakenOverAgainAndAgain() {
        init();
        add(100, 0, 0);
        takeOver();
        takeOver();
        end(true, 100, 1);
        end(false, 100, 2);
        failOver();
        end(false, 100, 2);
        end(false, 100, 1);
        written(100, 1, 0);
        takeOver();

        expect("""
                > init
                < needs a producer id
                > init
                < NONE 100/0
                > add 100/0
                < {t-0=NONE}
                > take over
                < NONE 100/1 keeps 100/0
                > take over
                < NONE 100/2 keeps 100/0
                > commit 100/1
                < PRODUCER_FENCED
                > abort 100/2
                < NONE 100/3
                ! abort 100/1 [t-0]
                -- fail over
                ! abort 100/1 [t-0]
                > abort 100/2
                < CONCURRENT_TRANSACTIONS
                > abort 100/1
                < PRODUCER_FENCED
                > written 100/1
                = CompleteAbort 100/3
                > take over
                < NONE 100/4
                """);
    }

    @Test
    void whoDoesNotKeepWhatOthersTookOverAbortsIt() {
        init();
        add(100, 0, 0);
        takeOver();
        init();
        end(true, 100, 1);
        written(100, 1, 0);
        end(true, 100, 1);
        init();

        expect("""
                > init
                < needs a producer id
                > init
                < NONE 100/0
                > add 100/0
                < {t-0=NONE}
                > take over
                < NONE 100/1 keeps 100/0
                > init
                < CONCURRENT_TRANSACTIONS
                ! abort 100/1 [t-0]
                > commit 100/1
                < PRODUCER_FENCED
                > written 100/1
                = CompleteAbort 100/2
                > commit 100/1
                < PRODUCER_FENCED
                > init
                < NONE 100/3
                """);
    }

    @Test
    void olderClientsEndWhatTheyTookOverInTheEpochThatItHas() {
        version = 0;
        init();
        add(100, 0, 0);
        takeOver();
        end(true, 100, 1);
        end(true, 100, 1);
        written(100, 0, 0);
        end(true, 100, 1);
        add(100, 1, 0);

        expect("""
                > init
                < needs a producer id
                > init
                < NONE 100/0
                > add 100/0
                < {t-0=NONE}
                > take over
                < NONE 100/1 keeps 100/0
                > commit 100/1
                < NONE 100/1
                ! commit 100/0 [t-0]
                > commit 100/1
                < CONCURRENT_TRANSACTIONS
                > written 100/0
                = CompleteCommit 100/1
                > commit 100/1
                < NONE 100/1
                > add 100/1
                < {t-0=NONE}
                """);
    }

    @Test
    void whoTakesOverGetsAnotherIdWhereTheEpochsAreUsedUp() {
        init();
        machine.apply(
                ID,
                new TransactionFact.Saved(
                        machine.transaction(ID).renewed(Transaction.EPOCH_MAX - 1, -1, 60_000, nowMs)));
        lines.clear();
        add(100, Transaction.EPOCH_MAX - 1, 0);
        takeOver();
        end(true, 101, 0);
        end(true, 101, 0);
        written(100, Transaction.EPOCH_MAX, 0);
        end(true, 101, 0);

        expect("""
                > add 100/32765
                < {t-0=NONE}
                > take over
                < needs a producer id
                > take over
                < NONE 101/0 keeps 100/32765
                > commit 101/0
                < NONE 101/1
                ! commit 100/32766 [t-0]
                > commit 101/0
                < CONCURRENT_TRANSACTIONS
                > written 100/32766
                = CompleteCommit 101/1
                > commit 101/0
                < NONE 101/1
                """);
    }

    @Test
    void aTransactionOfATwoPhaseCommitHasNoTimeout() {
        initTwoPhase();
        machine = new TransactionMachine(() -> new TransactionConfig(50, 900_000, true, 604_800_000, 3_600_000));
        initTwoPhase();
        var begun = machine.decide(
                ID, new TransactionInput.AddPartitions(101, (short) 0, partitions(0), version), 1, nowMs);
        tell(begun);
        state();

        assertThat(begun.effects()).isEmpty();
        assertThat(machine.onLoaded(ID, nowMs)).isEmpty();
        assertThat(machine.transaction(ID).timeoutMs()).isEqualTo(Integer.MAX_VALUE);
        expect("""
                > init 2pc
                < TRANSACTIONAL_ID_AUTHORIZATION_FAILED
                > init 2pc
                < NONE 101/0
                < {t-0=NONE}
                = Ongoing 101/0
                """);
    }
}
