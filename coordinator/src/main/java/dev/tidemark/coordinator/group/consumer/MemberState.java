package dev.tidemark.coordinator.group.consumer;

/// How far a member is on its way from its current assignment to its target.
public enum MemberState {
    /// Has all that the target gives it, in the member's epoch.
    STABLE(0),
    /// Still holds partitions that it was told to give up: stays in its epoch.
    UNREVOKED_PARTITIONS(1),
    /// Has given up what it had to, and waits for others to do so.
    UNRELEASED_PARTITIONS(2),
    /// Written by a newer version.
    UNKNOWN(127);

    private final byte code;

    MemberState(int code) {
        this.code = (byte) code;
    }

    /// As the record has it.
    public byte code() {
        return code;
    }

    public static MemberState forCode(byte code) {
        for (MemberState state : values()) if (state.code == code) return state;
        return UNKNOWN;
    }
}
