@NullMarked
package dev.tidemark.metadata.image;

import org.jspecify.annotations.NullMarked;
