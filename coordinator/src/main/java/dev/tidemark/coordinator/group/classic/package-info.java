/// Groups of the classic protocol: JoinGroup, SyncGroup, Heartbeat, LeaveGroup; the assignment is made by a
/// member.
@NullMarked
package dev.tidemark.coordinator.group.classic;

import org.jspecify.annotations.NullMarked;
