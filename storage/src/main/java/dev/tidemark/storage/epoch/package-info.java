/// Which leader epoch begins at which offset.
@NullMarked
package dev.tidemark.storage.epoch;

import org.jspecify.annotations.NullMarked;
