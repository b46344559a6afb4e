package dev.tidemark.broker.partition;

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

        private Verification(long producerId, short epoch) {
            this.producerId = producerId;
            this.epoch = epoch;
        }
    }

    public Verification begin(long producerId, short epoch) {
        Verification verification = new Verification(producerId, epoch);
        waiting.add(verification);
        return verification;
    }

    /// Whether the answer may be relied on.
    public boolean end(Verification verification) {
        return waiting.remove(verification);
    }

    /// Transactions of these epochs, or of lower ones, are over.
    void onMarker(long producerId, int lastEpoch) {
        waiting.removeIf(asked -> asked.producerId == producerId && asked.epoch <= lastEpoch);
    }

    void clear() {
        waiting.clear();
    }
}
