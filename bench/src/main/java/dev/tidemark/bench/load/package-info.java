/// What puts load on a broker: Kafka's own perf tools in their own process, and probes of single requests.
@NullMarked
package dev.tidemark.bench.load;

import org.jspecify.annotations.NullMarked;
