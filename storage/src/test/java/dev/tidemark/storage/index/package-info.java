@NullMarked
package dev.tidemark.storage.index;

import org.jspecify.annotations.NullMarked;
