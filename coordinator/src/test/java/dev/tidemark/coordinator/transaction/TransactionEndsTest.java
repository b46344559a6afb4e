package dev.tidemark.coordinator.transaction;

import org.junit.jupiter.api.Test;

/// How transactions end, and in which epoch their producer goes on (KIP-890), as transcripts.
class TransactionEndsTest {
    private final TransactionTranscript transcript = new TransactionTranscript();

    @Test
    void eachEndGivesTheNextEpoch() {
        transcript.init();
        transcript.add(100, 0, 0, 1);
        transcript.end(true, 100, 0);
        transcript.end(true, 100, 0);
        transcript.add(100, 1, 2);
        transcript.written(100, 1, 0);
        transcript.written(100, 1, 1);
        transcript.end(true, 100, 0);
        transcript.add(100, 1, 2);
        transcript.end(false, 100, 1);

        transcript.expect("""
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
        transcript.speak(0);
        transcript.init();
        transcript.add(100, 0, 0);
        transcript.end(true, 100, 0);
        transcript.written(100, 0, 0);
        transcript.end(true, 100, 0);
        transcript.end(false, 100, 0);

        transcript.expect("""
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
    void abortsOfNothingGiveANewEpoch() {
        transcript.init();
        transcript.end(false, 100, 0);
        transcript.end(false, 100, 0);
        transcript.end(true, 100, 1);
        transcript.state();

        transcript.expect("""
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
    void aCommitThatATimeoutOvertookIsFencedAndNotFatal() {
        transcript.init();
        transcript.add(100, 0, 0);
        transcript.timeOut(100, 0);
        transcript.end(true, 100, 0);
        transcript.written(100, 1, 0);
        transcript.end(true, 100, 0);
        transcript.end(false, 100, 0);
        transcript.timeOut(100, 0);
        transcript.state();

        transcript.expect("""
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
        transcript.init();
        transcript.add(100, 0, 0);
        transcript.end(true, 100, 0);
        transcript.written(100, 1, 0);
        transcript.add(100, 1, 1);
        transcript.end(false, 100, 0);
        transcript.end(true, 100, 0);
        transcript.state();

        transcript.expect("""
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
    void usedUpEpochsGiveAnotherProducerId() {
        transcript
                .machine()
                .apply(
                        TransactionTranscript.ID,
                        new TransactionFact.Saved(Transaction.of(50, 60_000, transcript.nowMs())
                                .renewed(Transaction.EPOCH_MAX, -1, 60_000, transcript.nowMs())));
        transcript.add(50, Transaction.EPOCH_MAX, 0);
        transcript.end(true, 50, Transaction.EPOCH_MAX);
        transcript.end(true, 50, Transaction.EPOCH_MAX);
        transcript.written(50, Short.MAX_VALUE, 0);
        transcript.end(true, 50, Transaction.EPOCH_MAX);
        transcript.add(100, 0, 1);

        transcript.expect("""
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
        transcript
                .machine()
                .apply(
                        TransactionTranscript.ID,
                        new TransactionFact.Saved(Transaction.of(50, 60_000, transcript.nowMs())
                                .renewed(Transaction.EPOCH_MAX, -1, 60_000, transcript.nowMs())));
        transcript.add(50, Transaction.EPOCH_MAX, 0);
        transcript.end(true, 50, Transaction.EPOCH_MAX);
        transcript.add(100, 0, 1);
        transcript.end(false, 100, 0);
        transcript.init(100, 0, -1);
        transcript.failOver();
        transcript.add(100, 0, 1);
        transcript.add(101, 0, 1);
        transcript.written(50, Short.MAX_VALUE, 0);
        transcript.add(100, 0, 1);

        transcript.expect("""
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
}
