package dev.tidemark.coordinator.transaction;

import dev.tidemark.base.TopicPartition;
import dev.tidemark.coordinator.runtime.Decision;
import dev.tidemark.coordinator.runtime.Effect;
import dev.tidemark.coordinator.runtime.LogBatch;
import dev.tidemark.coordinator.runtime.LogRecord;
import dev.tidemark.coordinator.runtime.Machine;
import dev.tidemark.protocol.ErrorCode;
import dev.tidemark.protocol.codec.MalformedException;
import dev.tidemark.protocol.codec.UnsupportedVersionException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The transactional ids of one shard. Owner: the shard's serial.
final class TransactionMachine implements Machine<TransactionInput, TransactionFact, TransactionReply> {
    private static final Logger LOG = LoggerFactory.getLogger(TransactionMachine.class);

    private final Map<String, Transaction> transactions = new TreeMap<>();
    private final Supplier<TransactionConfig> config;

    TransactionMachine(Supplier<TransactionConfig> config) {
        this.config = config;
    }

    @Override
    public Decision<TransactionInput, TransactionFact, TransactionReply> decide(
            String transactionalId, TransactionInput input, long waiter, long nowMs) {
        Transaction known = transactions.get(transactionalId);
        return switch (input) {
            case TransactionInput.InitProducerId init -> init(known, init, nowMs);
            case TransactionInput.AddPartitions add -> Partaking.add(known, add, nowMs);
            case TransactionInput.VerifyPartitions verify -> Partaking.verify(known, verify);
            case TransactionInput.End end -> Ending.decide(known, end, nowMs);
            case TransactionInput.TimedOut(var producerId, var epoch) -> timedOut(known, producerId, epoch, nowMs);
            case TransactionInput.MarkersWritten written -> markersWritten(known, written, nowMs);
            case TransactionInput.Describe() -> Decided.answer(new TransactionReply.Described(known));
            case TransactionInput.Expire() -> expire(known, nowMs);
        };
    }

    private Decision<TransactionInput, TransactionFact, TransactionReply> init(
            @Nullable Transaction known, TransactionInput.InitProducerId input, long nowMs) {
        TransactionConfig now = config.get();
        if (input.isTwoPhase() && !now.twoPhaseEnabled())
            return refused(ErrorCode.TRANSACTIONAL_ID_AUTHORIZATION_FAILED);
        boolean isTimeoutValid =
                input.timeoutMs() > 0 && (input.isTwoPhase() || input.timeoutMs() <= now.timeoutMaxMs());
        return isTimeoutValid
                ? ProducerInit.decide(known, input, nowMs)
                : refused(ErrorCode.INVALID_TRANSACTION_TIMEOUT);
    }

    private static Decision<TransactionInput, TransactionFact, TransactionReply> refused(ErrorCode error) {
        return Decided.answer(TransactionReply.Identity.refused(error));
    }

    private static Decision<TransactionInput, TransactionFact, TransactionReply> timedOut(
            @Nullable Transaction known, long producerId, short epoch, long nowMs) {
        boolean isOpen = known != null
                && known.state() == TransactionState.ONGOING
                && known.producerId() == producerId
                && known.epoch() == epoch;
        return isOpen ? Ending.fence(known, null, nowMs) : Decision.nothing();
    }

    private static Decision<TransactionInput, TransactionFact, TransactionReply> markersWritten(
            @Nullable Transaction known, TransactionInput.MarkersWritten written, long nowMs) {
        boolean isAwaited = known != null
                && known.state().isPrepared()
                && known.producerId() == written.producerId()
                && known.epoch() == written.epoch();
        TransactionReply noted = new TransactionReply.Noted();
        if (!isAwaited) return Decided.answer(noted);
        SortedSet<TopicPartition> left = new TreeSet<>(known.partitions());
        left.removeAll(written.partitions());
        if (left.isEmpty()) return Decided.save(known.completed(nowMs), noted);
        return new Decision<>(List.of(new TransactionFact.Moved(known.awaiting(left))), List.of(), noted);
    }

    private Decision<TransactionInput, TransactionFact, TransactionReply> expire(
            @Nullable Transaction known, long nowMs) {
        boolean isIdle = known != null
                && known.state() != TransactionState.ONGOING
                && !known.state().isPrepared();
        if (!isIdle || nowMs - known.updatedMs() < config.get().idExpirationMs()) return Decision.nothing();
        return new Decision<>(List.of(new TransactionFact.Forgotten()), List.of(), null);
    }

    @Override
    public void apply(String transactionalId, TransactionFact fact) {
        switch (fact) {
            case TransactionFact.Saved(var next) -> transactions.put(transactionalId, next);
            case TransactionFact.Moved(var next) -> transactions.put(transactionalId, next);
            case TransactionFact.Forgotten() -> transactions.remove(transactionalId);
        }
    }

    @Override
    public List<LogRecord> encode(String transactionalId, TransactionFact fact) {
        return TransactionRecords.encode(transactionalId, fact);
    }

    @Override
    public void replay(LogBatch batch, LogRecord record) {
        try {
            TransactionRecords.Read read = TransactionRecords.read(record);
            if (read != null) apply(read.transactionalId(), read.fact());
        } catch (UnsupportedVersionException | MalformedException unreadable) {
            LOG.warn("skipping a record of the transaction topic: {}", unreadable.getMessage());
        }
    }

    @Override
    public Collection<String> keys() {
        return transactions.keySet();
    }

    @Override
    public List<Effect<TransactionInput, TransactionReply>> onLoaded(String transactionalId, long nowMs) {
        Transaction known = transactions.get(transactionalId);
        return known == null ? List.of() : Decided.onLoaded(known, nowMs);
    }

    @Override
    public TransactionInput sweepInput() {
        return new TransactionInput.Expire();
    }

    TransactionReply.Listed list() {
        List<TransactionReply.Listed.Entry> entries = new ArrayList<>(transactions.size());
        transactions.forEach((id, known) -> entries.add(new TransactionReply.Listed.Entry(id, known)));
        return new TransactionReply.Listed(entries);
    }

    /// For tests.
    @Nullable
    Transaction transaction(String transactionalId) {
        return transactions.get(transactionalId);
    }
}
