@NullMarked
package dev.tidemark.protocol;

import org.jspecify.annotations.NullMarked;
