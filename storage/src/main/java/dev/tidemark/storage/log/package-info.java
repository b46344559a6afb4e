/// A partition's log: one writer, and readers of immutable snapshots.
@NullMarked
package dev.tidemark.storage.log;

import org.jspecify.annotations.NullMarked;
