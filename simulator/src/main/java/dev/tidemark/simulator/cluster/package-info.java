/// Whole brokers on simulated machines, and the cluster that they make.
@NullMarked
package dev.tidemark.simulator.cluster;

import org.jspecify.annotations.NullMarked;
