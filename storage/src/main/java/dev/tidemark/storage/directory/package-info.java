/// One entry of log.dirs: its lock and identity, its logs, write-back, and life through disk failures.
@NullMarked
package dev.tidemark.storage.directory;

import org.jspecify.annotations.NullMarked;
