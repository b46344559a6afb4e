package dev.tidemark.coordinator.transaction;

import dev.tidemark.protocol.codec.MalformedException;

/// How far the newest transaction of a transactional id is. `id` is what the log has, `label`
/// what tools show.
public enum TransactionState {
    /// The producer is known and has begun nothing.
    EMPTY(0, "Empty"),
    ONGOING(1, "Ongoing"),
    /// Decided, the markers are on their way; nothing can change the outcome.
    PREPARE_COMMIT(2, "PrepareCommit"),
    PREPARE_ABORT(3, "PrepareAbort"),
    COMPLETE_COMMIT(4, "CompleteCommit"),
    COMPLETE_ABORT(5, "CompleteAbort");

    private final byte id;
    private final String label;

    TransactionState(int id, String label) {
        this.id = (byte) id;
        this.label = label;
    }

    byte id() {
        return id;
    }

    public String label() {
        return label;
    }

    boolean isPrepared() {
        return this == PREPARE_COMMIT || this == PREPARE_ABORT;
    }

    static TransactionState of(byte id) {
        for (TransactionState state : values()) if (state.id == id) return state;
        throw new MalformedException("no transaction state has the number " + id);
    }
}
