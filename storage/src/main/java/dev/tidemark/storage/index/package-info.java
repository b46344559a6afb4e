/// The sparse indexes beside a segment, in Kafka's formats.
@NullMarked
package dev.tidemark.storage.index;

import org.jspecify.annotations.NullMarked;
