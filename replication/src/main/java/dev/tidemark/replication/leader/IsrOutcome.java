package dev.tidemark.replication.leader;

import dev.tidemark.protocol.ErrorCode;
import java.util.List;

/// What the controller says to an [IsrProposal].
public sealed interface IsrOutcome {
    /// The partition's state after it; the ISR is the proposed one.
    record Accepted(int leaderEpoch, int partitionEpoch, List<Integer> isr) implements IsrOutcome {}

    /// Nothing was changed by this request. Whether an earlier one of the same content was carried out, whose answer
    /// got lost, this does not say.
    record Refused(ErrorCode error) implements IsrOutcome {}
}
