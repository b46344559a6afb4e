/// Messages (generated), primitive codec, record batches, compression, error codes.
@NullMarked
package dev.tidemark.protocol;

import org.jspecify.annotations.NullMarked;
