/// Small clients over encoded requests: they retry as real ones do, and tell the checkers what they saw.
@NullMarked
package dev.tidemark.simulator.client;

import org.jspecify.annotations.NullMarked;
