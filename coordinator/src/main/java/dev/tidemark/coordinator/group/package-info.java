/// The group coordinator: what brokers call, the machine of a shard, and what all group protocols share.
@NullMarked
package dev.tidemark.coordinator.group;

import org.jspecify.annotations.NullMarked;
