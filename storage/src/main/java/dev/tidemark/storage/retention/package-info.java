/// Deletion of old segments by time, by size and by the log start offset.
@NullMarked
package dev.tidemark.storage.retention;

import org.jspecify.annotations.NullMarked;
