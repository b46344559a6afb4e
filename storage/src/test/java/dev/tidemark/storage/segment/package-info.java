@NullMarked
package dev.tidemark.storage.segment;

import org.jspecify.annotations.NullMarked;
