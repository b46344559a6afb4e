/// Segments, indexes, recovery, cleaner, producer state, over Disk.
@NullMarked
package dev.tidemark.storage;

import org.jspecify.annotations.NullMarked;
