/// The measured situations, each on a broker of its own, and what they yield.
@NullMarked
package dev.tidemark.bench.scenario;

import org.jspecify.annotations.NullMarked;
