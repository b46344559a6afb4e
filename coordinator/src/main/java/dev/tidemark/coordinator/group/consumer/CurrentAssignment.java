package dev.tidemark.coordinator.group.consumer;

/// What a member has and in which epoch it is.
///
/// @param memberEpoch 0 until the first reconciliation; -2 for a static member that left and may come back
/// @param previousMemberEpoch accepted too, as the answer that told the member of its epoch may have been lost
/// @param pendingRevocation what the member was told to give up and has not given up yet
public record CurrentAssignment(
        MemberState state,
        int memberEpoch,
        int previousMemberEpoch,
        EpochedPartitions assigned,
        EpochedPartitions pendingRevocation) {
    public static final int STATIC_MEMBER_LEFT = -2;

    public static final CurrentAssignment NEW =
            new CurrentAssignment(MemberState.STABLE, 0, 0, EpochedPartitions.NONE, EpochedPartitions.NONE);

    /// The member moves on; its former epoch becomes the previous one.
    CurrentAssignment moved(
            MemberState newState, int newEpoch, EpochedPartitions newAssigned, EpochedPartitions newPending) {
        int previous = newEpoch == memberEpoch ? previousMemberEpoch : memberEpoch;
        return new CurrentAssignment(newState, newEpoch, previous, newAssigned, newPending);
    }

    /// Has everything that the target of `targetEpoch` gives it.
    public boolean isReconciledTo(int targetEpoch) {
        return state == MemberState.STABLE && memberEpoch == targetEpoch;
    }
}
