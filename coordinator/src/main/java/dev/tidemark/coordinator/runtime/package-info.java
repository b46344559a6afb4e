/// What carries pure coordinator machines: one shard per partition of the internal topic, its log, its timers and
/// its replies. It serves the group coordinator and any other coordinator whose state is a log of keyed records.
@NullMarked
package dev.tidemark.coordinator.runtime;

import org.jspecify.annotations.NullMarked;
