package dev.tidemark.coordinator.group;

/// `group.consumer.migration.policy`: which way a group with members may move between the protocols.
public enum MigrationPolicy {
    /// Both ways.
    BIDIRECTIONAL,
    /// From classic to consumer.
    UPGRADE,
    /// From consumer to classic.
    DOWNGRADE,
    DISABLED;

    public boolean mayUpgrade() {
        return this == BIDIRECTIONAL || this == UPGRADE;
    }

    public boolean mayDowngrade() {
        return this == BIDIRECTIONAL || this == DOWNGRADE;
    }
}
