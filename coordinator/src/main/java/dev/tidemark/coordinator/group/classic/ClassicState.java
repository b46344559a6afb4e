package dev.tidemark.coordinator.group.classic;

/// Where a classic group is in its cycle. The name is what ListGroups and DescribeGroups say.
public enum ClassicState {
    /// No members; maybe offsets.
    EMPTY("Empty"),
    /// Waits for all members to join the next generation.
    PREPARING_REBALANCE("PreparingRebalance"),
    /// Waits for the leader's assignment.
    COMPLETING_REBALANCE("CompletingRebalance"),
    STABLE("Stable");

    private final String label;

    ClassicState(String label) {
        this.label = label;
    }

    public String label() {
        return label;
    }
}
