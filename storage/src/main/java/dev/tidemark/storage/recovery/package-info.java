/// Opening a partition's folder after a clean stop or a crash.
@NullMarked
package dev.tidemark.storage.recovery;

import org.jspecify.annotations.NullMarked;
