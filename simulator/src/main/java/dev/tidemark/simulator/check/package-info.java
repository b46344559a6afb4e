/// What must hold, and who looks after it.
@NullMarked
package dev.tidemark.simulator.check;

import org.jspecify.annotations.NullMarked;
