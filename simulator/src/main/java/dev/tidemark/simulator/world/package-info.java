/// Simulated time: one queue of events, the processes whose tasks they are, and what comes in through their seams.
@NullMarked
package dev.tidemark.simulator.world;

import org.jspecify.annotations.NullMarked;
