package dev.tidemark.replication.leader;

import org.jspecify.annotations.Nullable;

/// What a change of a [LeaderState] brings about. Owned by the caller, who clears it before each change.
public final class LeaderEffects {
    boolean highWatermarkMoved;
    boolean isrChanged;

    @Nullable
    IsrProposal proposal;

    public void clear() {
        highWatermarkMoved = false;
        isrChanged = false;
        proposal = null;
    }

    public boolean highWatermarkMoved() {
        return highWatermarkMoved;
    }

    /// The committed ISR is another one.
    public boolean isrChanged() {
        return isrChanged;
    }

    /// To be sent to the controller, or null.
    public @Nullable IsrProposal proposal() {
        return proposal;
    }
}
