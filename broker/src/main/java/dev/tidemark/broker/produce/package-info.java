/// Producing: from the batches of a request to the acknowledgement of each partition.
@NullMarked
package dev.tidemark.broker.produce;

import org.jspecify.annotations.NullMarked;
