package dev.tidemark.coordinator.transaction;

import org.junit.jupiter.api.Test;

/// Who has a transactional id, and what becomes of it, as transcripts.
class TransactionScenarioTest {
    private final TransactionTranscript transcript = new TransactionTranscript();

    @Test
    void aNewProducerPutsTheOldOneOut() {
        transcript.init();
        transcript.add(100, 0, 0);
        transcript.init();
        transcript.end(true, 100, 0);
        transcript.add(100, 0, 1);
        transcript.init();
        transcript.written(100, 1, 0);
        transcript.init();
        transcript.add(100, 0, 1);
        transcript.end(true, 100, 0);
        transcript.end(false, 100, 0);

        transcript.expect("""
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
    void aProducerResumesWithItsEpochOnce() {
        transcript.init();
        transcript.init(100, 0, -1);
        transcript.init(100, 0, -1);
        transcript.init(100, 1, -1);
        transcript.init(100, 0, -1);
        transcript.add(100, 2, 0);
        transcript.init(100, 1, -1);
        transcript.init(7, 0, -1);
        transcript.state();

        transcript.expect("""
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
    void partitionsAskWhetherTheyTakePart() {
        transcript.init();
        transcript.add(100, 0, 0);
        transcript.begin();
        transcript.ask(
                "verify",
                new TransactionInput.VerifyPartitions(100, (short) 0, TransactionTranscript.partitions(0, 1)));
        transcript.ask(
                "verify", new TransactionInput.VerifyPartitions(100, (short) 1, TransactionTranscript.partitions(0)));
        transcript.ask(
                "verify", new TransactionInput.VerifyPartitions(7, (short) 0, TransactionTranscript.partitions(0)));

        transcript.expect("""
                > verify
                < {t-0=NONE, t-1=TRANSACTION_ABORTABLE}
                > verify
                < {t-0=PRODUCER_FENCED}
                > verify
                < {t-0=INVALID_PRODUCER_ID_MAPPING}
                """);
    }

    @Test
    void anotherLeaderGoesOnWhereTheLogEnds() {
        transcript.init();
        transcript.add(100, 0, 0, 1);
        transcript.failOver();
        transcript.end(true, 100, 0);
        transcript.written(100, 1, 0);
        transcript.failOver();
        transcript.written(100, 1, 0, 1);
        transcript.failOver();
        transcript.end(true, 100, 0);

        transcript.expect("""
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
    void idsThatNobodyUsesAreForgottenButNotWhatIsOpen() {
        transcript.init();
        transcript.add(100, 0, 0);
        transcript.begin();
        transcript.pass(TransactionConfig.defaults().idExpirationMs());
        transcript.ask("expire", new TransactionInput.Expire());
        transcript.state();
        transcript.end(true, 100, 0);
        transcript.written(100, 1, 0);
        transcript.pass(TransactionConfig.defaults().idExpirationMs());
        transcript.ask("expire", new TransactionInput.Expire());
        transcript.state();

        transcript.expect("""
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
}
