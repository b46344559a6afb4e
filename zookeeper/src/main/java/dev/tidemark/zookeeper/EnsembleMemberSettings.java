package dev.tidemark.zookeeper;

import java.nio.file.Path;

/// @param dataDir this member's own folder; made where it is missing
/// @param memberId which of the ensemble this one is
/// @param tickMs ZooKeeper's unit of time, which the two limits are given in
/// @param initLimit how many ticks a member may take to copy what it has missed
/// @param syncLimit after how many ticks of silence the members take each other for dead
/// @param sessionTimeoutMaxMs the longest session timeout that clients get
public record EnsembleMemberSettings(
        Path dataDir,
        Ensemble ensemble,
        int memberId,
        int tickMs,
        int initLimit,
        int syncLimit,
        int sessionTimeoutMaxMs) {

    /// The address of this member.
    ///
    /// @throws IllegalArgumentException where the ensemble has no such member
    Ensemble.Member self() {
        return ensemble.member(memberId)
                .orElseThrow(() -> new IllegalArgumentException("no member " + memberId + " in the ensemble"));
    }
}
