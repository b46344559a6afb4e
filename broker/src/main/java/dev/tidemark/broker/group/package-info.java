/// The group coordinator in the broker: its APIs, and its log in the partitions of `__consumer_offsets`.
@NullMarked
package dev.tidemark.broker.group;

import org.jspecify.annotations.NullMarked;
