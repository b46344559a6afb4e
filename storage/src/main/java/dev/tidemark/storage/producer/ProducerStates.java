package dev.tidemark.storage.producer;

import dev.tidemark.protocol.ErrorCode;
import dev.tidemark.storage.log.AbortedTransaction;
import dev.tidemark.storage.log.AppendOrigin;
import dev.tidemark.storage.log.ProducerEnd;
import dev.tidemark.storage.log.ProducerView;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// The producers of a partition up to an offset: what makes idempotence and transactions work. `check…` changes
/// nothing; `apply…` takes in what is in the log, live and on recovery. Owner: the partition's log.
public final class ProducerStates {
    private static final long EXPIRY_CHECK_MS = 10 * 60 * 1000;

    private final Map<Long, ProducerState> producers = new HashMap<>();
    /// First offset of each open transaction.
    private final TreeMap<Long, Long> ongoing = new TreeMap<>();
    /// First and last offset of ended transactions whose marker the high watermark has not passed.
    private final TreeMap<Long, Long> unreplicated = new TreeMap<>();

    private long endOffset;
    private long nextExpiryMs = Long.MIN_VALUE;
    /// Whether a producer that is not known here has never written to this log: nobody was forgotten.
    private boolean knowsEverybody;

    /// Knows nobody; takes in the log from `startOffset` on.
    public ProducerStates(long startOffset) {
        this.endOffset = startOffset;
        this.knowsEverybody = startOffset == 0;
    }

    /// Everything below was taken in.
    public long endOffset() {
        return endOffset;
    }

    public void advanceTo(long offset) {
        endOffset = offset;
    }

    public boolean isEmpty() {
        return producers.isEmpty();
    }

    /// Whether a producer's batch may be appended.
    public Verdict check(ProducerBatch batch, AppendOrigin origin) {
        ProducerState state = producers.get(batch.producerId());
        if (origin == AppendOrigin.REPLICATION) return Verdict.ACCEPTED;
        if (state == null) return origin == AppendOrigin.CLIENT ? checkFirst(batch) : Verdict.ACCEPTED;
        if (batch.epoch() < state.epoch()) return fenced(batch.producerId(), batch.epoch(), state);
        if (origin == AppendOrigin.CLIENT) {
            Verdict sequence = checkSequence(batch, state);
            if (!(sequence instanceof Verdict.Accepted)) return sequence;
        }
        if (state.txnFirstOffset() >= 0 && !batch.isTransactional()) {
            return new Verdict.Refused(
                    ErrorCode.INVALID_TXN_STATE,
                    "producer " + batch.producerId() + " has a transaction open and wrote outside of it");
        }
        return Verdict.ACCEPTED;
    }

    /// A new leader may refuse a producer's first batch because it does not lead yet, and lead when the next one, which
    /// was under way already, comes: taken in, that one would leave no place for the first for ever.
    private Verdict checkFirst(ProducerBatch batch) {
        if (batch.firstSequence() == 0 || !knowsEverybody) return Verdict.ACCEPTED;
        return new Verdict.Refused(
                ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER,
                "producer " + batch.producerId() + " begins with sequence " + batch.firstSequence());
    }

    private static Verdict fenced(long producerId, short epoch, ProducerState state) {
        return new Verdict.Refused(
                ErrorCode.INVALID_PRODUCER_EPOCH,
                "producer " + producerId + " has epoch " + state.epoch() + "; the request came with " + epoch);
    }

    private static Verdict checkSequence(ProducerBatch batch, ProducerState state) {
        boolean newEpoch = batch.epoch() != state.epoch();
        if (!newEpoch) {
            int duplicate = state.find(batch.firstSequence(), batch.lastSequence());
            if (duplicate >= 0) {
                long last = state.offset(duplicate);
                return new Verdict.Duplicate(last - state.offsetDelta(duplicate), last, state.timestamp(duplicate));
            }
            if (state.isBeforeSnapshot(batch.lastSequence())) return knownNoMore(batch);
        }
        int last = newEpoch ? ProducerState.NO_SEQUENCE : state.lastSequence();
        if (Sequences.follows(last, batch.firstSequence())) return Verdict.ACCEPTED;
        return new Verdict.Refused(
                ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER,
                "producer " + batch.producerId() + " sent sequence " + batch.firstSequence() + " of epoch "
                        + batch.epoch() + " after " + last + " of epoch " + state.epoch());
    }

    /// A snapshot tells of one batch of a producer, which may have several under way when the broker dies. Told that
    /// these are out of order the producer would take a new epoch, and write them twice.
    private static Verdict knownNoMore(ProducerBatch batch) {
        return new Verdict.Refused(
                ErrorCode.DUPLICATE_SEQUENCE_NUMBER,
                "producer " + batch.producerId() + " has written sequence " + batch.firstSequence() + " of epoch "
                        + batch.epoch() + " before; where is not known any more");
    }

    /// Whether a marker may be appended.
    public Verdict check(TransactionMarker marker, AppendOrigin origin) {
        ProducerState state = producers.get(marker.producerId());
        if (state == null || origin == AppendOrigin.REPLICATION) return Verdict.ACCEPTED;
        if (marker.epoch() < state.epoch()) return fenced(marker.producerId(), marker.epoch(), state);
        if (marker.coordinatorEpoch() < state.coordinatorEpoch()) {
            return new Verdict.Refused(
                    ErrorCode.TRANSACTION_COORDINATOR_FENCED,
                    "a coordinator of epoch " + state.coordinatorEpoch() + " has written; this one has "
                            + marker.coordinatorEpoch());
        }
        return Verdict.ACCEPTED;
    }

    /// Takes in a batch that is in the log.
    public void apply(ProducerBatch batch, long wallMs) {
        ProducerState state = producers.computeIfAbsent(batch.producerId(), ProducerState::new);
        state.toEpoch(batch.epoch());
        state.addBatch(batch.lastSequence(), batch.lastOffset(), batch.offsetDelta(), batch.maxTimestampMs());
        state.seen(wallMs);
        if (batch.isTransactional() && state.txnFirstOffset() < 0) {
            state.beginTransaction(batch.firstOffset());
            ongoing.put(batch.firstOffset(), batch.producerId());
        }
    }

    /// Takes in a marker that is in the log.
    ///
    /// @return what belongs into the transaction index, if it aborted something
    public Optional<AbortedTransaction> apply(TransactionMarker marker, long wallMs) {
        ProducerState state = producers.computeIfAbsent(marker.producerId(), ProducerState::new);
        long firstOffset = state.txnFirstOffset();
        state.toEpoch(marker.epoch());
        state.endTransaction(marker.coordinatorEpoch(), marker.timestampMs());
        state.seen(wallMs);
        if (firstOffset < 0) return Optional.empty();
        ongoing.remove(firstOffset);
        unreplicated.put(firstOffset, marker.offset());
        if (marker.isCommit()) return Optional.empty();
        long lastStableOffset = ongoing.isEmpty() ? marker.offset() + 1 : ongoing.firstKey();
        return Optional.of(new AbortedTransaction(marker.producerId(), firstOffset, marker.offset(), lastStableOffset));
    }

    /// The first offset whose fate is open, or whose marker may yet be lost; `Long.MAX_VALUE` if there is none.
    public long firstUnstableOffset() {
        long first = ongoing.isEmpty() ? Long.MAX_VALUE : ongoing.firstKey();
        return unreplicated.isEmpty() ? first : Math.min(first, unreplicated.firstKey());
    }

    public boolean hasOpenTransaction(long producerId) {
        ProducerState state = producers.get(producerId);
        return state != null && state.txnFirstOffset() >= 0;
    }

    /// The newest epoch of the producer, -1 where it is not remembered.
    public short epoch(long producerId) {
        ProducerState state = producers.get(producerId);
        return state == null ? ProducerState.NO_EPOCH : state.epoch();
    }

    public void onHighWatermark(long highWatermark) {
        if (!unreplicated.isEmpty()) unreplicated.values().removeIf(lastOffset -> lastOffset < highWatermark);
    }

    /// Forgets producers that were not here for `expirationMs`. Looks at them only now and then.
    public void expire(long wallMs, long expirationMs) {
        if (wallMs < nextExpiryMs) return;
        nextExpiryMs = wallMs + Math.min(EXPIRY_CHECK_MS, expirationMs);
        Iterator<ProducerState> all = producers.values().iterator();
        while (all.hasNext()) {
            ProducerState state = all.next();
            if (state.txnFirstOffset() < 0 && wallMs - state.lastSeenMs() >= expirationMs) {
                all.remove();
                knowsEverybody = false;
            }
        }
    }

    public List<ProducerView> views() {
        List<ProducerView> views = new ArrayList<>(producers.size());
        for (ProducerState state : producers.values()) views.add(state.view());
        return views;
    }

    public Map<Long, ProducerEnd> ends() {
        Map<Long, ProducerEnd> ends = new HashMap<>();
        for (ProducerState state : producers.values()) {
            ends.put(state.producerId, new ProducerEnd(state.epoch(), state.lastOffset()));
        }
        return ends;
    }

    /// The content of a snapshot file.
    public ByteBuffer toSnapshot() {
        return ProducerSnapshotFormat.write(producers.values());
    }

    /// What a snapshot taken at `endOffset` holds.
    ///
    /// @throws CorruptSnapshotException if it is damaged
    public static ProducerStates fromSnapshot(byte[] content, long endOffset, long wallMs)
            throws CorruptSnapshotException {
        ProducerStates states = new ProducerStates(endOffset);
        states.knowsEverybody = false; // The snapshot does not tell who was forgotten before it.
        Collection<ProducerState> stored = ProducerSnapshotFormat.read(content);
        for (ProducerState state : stored) {
            state.seen(wallMs);
            states.producers.put(state.producerId, state);
            if (state.txnFirstOffset() >= 0) states.ongoing.put(state.txnFirstOffset(), state.producerId);
        }
        return states;
    }
}
