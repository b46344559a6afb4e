package dev.tidemark.broker.partition;

import dev.tidemark.protocol.ErrorCode;
import java.util.ArrayList;
import java.util.List;

/// The appends of a partition that wait for the transaction coordinator to say whether their transaction is open. The
/// answer is worth nothing once the transaction has ended here meanwhile: a record that came after it would be in a
/// transaction that nobody ends. So each marker, and each loss of the leadership, makes the answers that it overtakes
/// invalid.
///
/// Owner: the partition's serial.
public final class Verifications {
    private final List<Verification> waiting = new ArrayList<>(0);

    /// One append that waits.
    public static final class Verification {
        private final long producerId;
        private final short epoch;
        private ErrorCode overtaken = ErrorCode.NONE;

        private Verification(long producerId, short epoch) {
            this.producerId = producerId;
            this.epoch = epoch;
        }
    }

    /// To be called before the question is asked: whatever happens afterwards may overtake the answer.
    public Verification begin(long producerId, short epoch) {
        Verification verification = new Verification(producerId, epoch);
        waiting.add(verification);
        return verification;
    }

    /// NONE where the answer may be relied on.
    public ErrorCode end(Verification verification) {
        waiting.remove(verification);
        return verification.overtaken;
    }

    /// Transactions of these epochs, or of lower ones, are over.
    void onMarker(long producerId, int lastEpoch) {
        waiting.removeIf(asked -> {
            boolean isOver = asked.producerId == producerId && asked.epoch <= lastEpoch;
            if (isOver) asked.overtaken = ErrorCode.TRANSACTION_ABORTABLE;
            return isOver;
        });
    }

    /// What another leader did meanwhile, this one has not seen. The producer sends again, and it is asked again.
    void onLeadershipEnded() {
        for (Verification asked : waiting) asked.overtaken = ErrorCode.NOT_LEADER_OR_FOLLOWER;
        waiting.clear();
    }
}
