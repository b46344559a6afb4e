/// Groups of the consumer protocol (KIP-848): one heartbeat, the assignment is made by the coordinator and
/// reconciled member by member. Also the way between the two protocols.
@NullMarked
package dev.tidemark.coordinator.group.consumer;

import org.jspecify.annotations.NullMarked;
