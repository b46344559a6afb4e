@NullMarked
package dev.tidemark.storage.recovery;

import org.jspecify.annotations.NullMarked;
