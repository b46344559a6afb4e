package dev.tidemark.broker.produce;

import dev.tidemark.broker.partition.Partition;
import dev.tidemark.broker.partition.Verifications;
import dev.tidemark.protocol.ErrorCode;
import dev.tidemark.protocol.record.BatchHeader;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// The way of a transactional batch into a partition: at once where the producer's transaction is open there; else
/// the coordinator is asked first.
///
/// @param version of the produce request: from 12 on the partition becomes part of the transaction by it
record TransactionalAppend(
        TransactionCheck check, @Nullable String transactionalId, short version, ProduceCall produce, int index) {
    private static final short FIRST_VERSION_WITH_ABORTABLE = 11;
    private static final short FIRST_VERSION_THAT_ADDS = 12;

    /// How the batch is appended, where the condition holds in the turn of it.
    interface Way {
        void append(Supplier<ErrorCode> condition);
    }

    void run(Partition partition, BatchHeader batch, Way way) {
        String id = transactionalId;
        if (id == null || id.isEmpty()) {
            produce.refuse(index, ErrorCode.INVALID_REQUEST);
            return;
        }
        TransactionCheck.Question question = new TransactionCheck.Question(
                id, batch.producerId(), batch.producerEpoch(), partition.id(), version >= FIRST_VERSION_THAT_ADDS);
        partition.inTurn(
                () -> runInTurn(partition, question, way), () -> produce.refuse(index, ErrorCode.KAFKA_STORAGE_ERROR));
    }

    private void runInTurn(Partition partition, TransactionCheck.Question question, Way way) {
        if (partition.checkLeader(-1) != ErrorCode.NONE) {
            way.append(() -> ErrorCode.NONE); // What is wrong with the leadership is said there.
        } else if (isOpen(partition, question)) {
            // A marker may come between this turn and the append's.
            way.append(() -> isOpen(partition, question) ? ErrorCode.NONE : told(ErrorCode.TRANSACTION_ABORTABLE));
        } else {
            Verifications.Verification asked =
                    partition.verifications().begin(question.producerId(), question.producerEpoch());
            var _ = check.ask(question).thenAccept(answer -> onAnswer(partition, asked, answer, way));
        }
    }

    private static boolean isOpen(Partition partition, TransactionCheck.Question question) {
        return partition.log().hasOpenTransaction(question.producerId())
                && partition.log().producerEpoch(question.producerId()) == question.producerEpoch();
    }

    private void onAnswer(Partition partition, Verifications.Verification asked, ErrorCode answer, Way way) {
        // Refused in its turn, too: there it is known what the producer has sent behind it.
        way.append(() -> {
            ErrorCode overtaken = partition.verifications().end(asked);
            return told(answer == ErrorCode.NONE ? overtaken : answer);
        });
    }

    /// What a producer understands of the coordinator's answer.
    private ErrorCode told(ErrorCode error) {
        return switch (error) {
            case PRODUCER_FENCED -> ErrorCode.INVALID_PRODUCER_EPOCH;
            case TRANSACTION_ABORTABLE -> version < FIRST_VERSION_WITH_ABORTABLE ? ErrorCode.INVALID_TXN_STATE : error;
            case CONCURRENT_TRANSACTIONS -> version < FIRST_VERSION_THAT_ADDS ? ErrorCode.NOT_ENOUGH_REPLICAS : error;
            // To be tried again.
            case COORDINATOR_LOAD_IN_PROGRESS, COORDINATOR_NOT_AVAILABLE, NOT_COORDINATOR ->
                ErrorCode.NOT_ENOUGH_REPLICAS;
            default -> error;
        };
    }
}
