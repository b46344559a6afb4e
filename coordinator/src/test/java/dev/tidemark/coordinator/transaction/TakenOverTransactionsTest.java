package dev.tidemark.coordinator.transaction;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/// Transactions that another producer takes over and ends (KIP-939), as transcripts.
class TakenOverTransactionsTest {
    private final TransactionTranscript transcript = new TransactionTranscript();

    @Test
    void whoTakesATransactionOverEndsIt() {
        transcript.init();
        transcript.add(100, 0, 0);
        transcript.takeOver();
        transcript.state();
        transcript.add(100, 1, 1);
        transcript.add(100, 0, 1);
        transcript.end(true, 100, 0);
        transcript.failOver();
        transcript.end(true, 100, 1);
        transcript.end(true, 100, 1);
        transcript.end(true, 100, 0);
        transcript.written(100, 1, 0);
        transcript.end(true, 100, 1);
        transcript.end(true, 100, 0);
        transcript.add(100, 2, 0);

        transcript.expect("""
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
        transcript.init();
        transcript.add(100, 0, 0);
        transcript.takeOver();
        transcript.takeOver();
        transcript.end(true, 100, 1);
        transcript.end(false, 100, 2);
        transcript.failOver();
        transcript.end(false, 100, 2);
        transcript.end(false, 100, 1);
        transcript.written(100, 1, 0);
        transcript.takeOver();

        transcript.expect("""
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
        transcript.init();
        transcript.add(100, 0, 0);
        transcript.takeOver();
        transcript.init();
        transcript.end(true, 100, 1);
        transcript.written(100, 1, 0);
        transcript.end(true, 100, 1);
        transcript.init();

        transcript.expect("""
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
        transcript.speak(0);
        transcript.init();
        transcript.add(100, 0, 0);
        transcript.takeOver();
        transcript.end(true, 100, 1);
        transcript.end(true, 100, 1);
        transcript.written(100, 0, 0);
        transcript.end(true, 100, 1);
        transcript.add(100, 1, 0);

        transcript.expect("""
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
        transcript.init();
        transcript
                .machine()
                .apply(
                        TransactionTranscript.ID,
                        new TransactionFact.Saved(transcript
                                .machine()
                                .transaction(TransactionTranscript.ID)
                                .renewed(Transaction.EPOCH_MAX - 1, -1, 60_000, transcript.nowMs())));
        transcript.begin();
        transcript.add(100, Transaction.EPOCH_MAX - 1, 0);
        transcript.takeOver();
        transcript.end(true, 101, 0);
        transcript.end(true, 101, 0);
        transcript.written(100, Transaction.EPOCH_MAX, 0);
        transcript.end(true, 101, 0);

        transcript.expect("""
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
        transcript.initTwoPhase();
        transcript.become(
                new TransactionMachine(() -> new TransactionConfig(50, 900_000, true, 604_800_000, 3_600_000)));
        transcript.initTwoPhase();
        var begun = transcript
                .machine()
                .decide(
                        TransactionTranscript.ID,
                        new TransactionInput.AddPartitions(
                                101, (short) 0, TransactionTranscript.partitions(0), (short) 2),
                        1,
                        transcript.nowMs());
        transcript.tell(begun);
        transcript.state();

        assertThat(begun.effects()).isEmpty();
        assertThat(transcript.machine().onLoaded(TransactionTranscript.ID, transcript.nowMs()))
                .isEmpty();
        assertThat(transcript.machine().transaction(TransactionTranscript.ID).timeoutMs())
                .isEqualTo(Integer.MAX_VALUE);
        transcript.expect("""
                > init 2pc
                < TRANSACTIONAL_ID_AUTHORIZATION_FAILED
                > init 2pc
                < NONE 101/0
                < {t-0=NONE}
                = Ongoing 101/0
                """);
    }
}
