@NullMarked
package dev.tidemark.simulator;

import org.jspecify.annotations.NullMarked;
