/// The seams to time: clocks and loops.
@NullMarked
package dev.tidemark.base.time;

import org.jspecify.annotations.NullMarked;
