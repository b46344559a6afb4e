/// Rows, their targets, medians over the rounds, and how they are written down.
@NullMarked
package dev.tidemark.bench.report;

import org.jspecify.annotations.NullMarked;
