/// Brokers as processes: how each product is prepared, started, watched through /proc, and stopped.
@NullMarked
package dev.tidemark.bench.broker;

import org.jspecify.annotations.NullMarked;
