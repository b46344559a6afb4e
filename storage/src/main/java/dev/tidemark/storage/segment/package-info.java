/// The files of a log: segments, open-file economy, and walks over batch headers.
@NullMarked
package dev.tidemark.storage.segment;

import org.jspecify.annotations.NullMarked;
