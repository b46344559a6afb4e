/// Bugs that the simulator puts into a cluster at its seams, to show that its checks find them. A broker cannot be
/// configured to have one.
@NullMarked
package dev.tidemark.simulator.flaw;

import org.jspecify.annotations.NullMarked;
