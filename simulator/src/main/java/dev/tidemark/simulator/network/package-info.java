/// The simulated network: connections between machines, with their faults, and the broker's seams on it.
@NullMarked
package dev.tidemark.simulator.network;

import org.jspecify.annotations.NullMarked;
