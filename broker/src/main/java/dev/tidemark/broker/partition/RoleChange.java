package dev.tidemark.broker.partition;

/// How a replica's role changed: what listeners must hear.
///
/// @param epoch the leader epoch from which on that holds
/// @param wasLeading in an earlier epoch
/// @param leads in `epoch`
/// @param wasFollowing whoever it was
/// @param leaderId whom it follows in `epoch`; -1 for nobody
public record RoleChange(int epoch, boolean wasLeading, boolean leads, boolean wasFollowing, int leaderId) {
    /// Listeners know it already.
    public static final RoleChange NONE = new RoleChange(-1, false, false, false, -1);

    public boolean follows() {
        return leaderId >= 0;
    }
}
