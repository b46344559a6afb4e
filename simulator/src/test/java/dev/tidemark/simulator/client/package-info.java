@NullMarked
package dev.tidemark.simulator.client;

import org.jspecify.annotations.NullMarked;
