@NullMarked
package dev.tidemark.metadata.store;

import org.jspecify.annotations.NullMarked;
