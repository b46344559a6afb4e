/// What goes wrong, and when.
@NullMarked
package dev.tidemark.simulator.fault;

import org.jspecify.annotations.NullMarked;
