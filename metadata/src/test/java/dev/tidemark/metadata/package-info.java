@NullMarked
package dev.tidemark.metadata;

import org.jspecify.annotations.NullMarked;
