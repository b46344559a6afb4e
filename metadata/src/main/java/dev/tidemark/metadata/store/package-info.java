/// The seam to ZooKeeper's semantics, and an implementation in memory.
@NullMarked
package dev.tidemark.metadata.store;

import org.jspecify.annotations.NullMarked;
