/// Log compaction: of each key the latest record is kept.
@NullMarked
package dev.tidemark.storage.cleaner;

import org.jspecify.annotations.NullMarked;
