@NullMarked
package dev.tidemark.metadata.control;

import org.jspecify.annotations.NullMarked;
