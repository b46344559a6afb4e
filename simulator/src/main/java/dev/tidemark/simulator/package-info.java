/// Whole clusters in one thread under one seed.
@NullMarked
package dev.tidemark.simulator;

import org.jspecify.annotations.NullMarked;
