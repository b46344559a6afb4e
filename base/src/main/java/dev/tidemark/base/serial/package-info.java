/// Single-writer execution.
@NullMarked
package dev.tidemark.base.serial;

import org.jspecify.annotations.NullMarked;
