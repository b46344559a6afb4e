/// The schemas of `__consumer_offsets`, `__transaction_state` and of the consumers' group metadata; all but this file
/// is generated when building.
@NullMarked
package dev.tidemark.protocol.internaltopic;

import org.jspecify.annotations.NullMarked;
