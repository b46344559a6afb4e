/// Record batches (magic 2): headers, validation, building, reading, compression.
@NullMarked
package dev.tidemark.protocol.record;

import org.jspecify.annotations.NullMarked;
