/// Dispatcher, one handler per API, partitions as serials.
@NullMarked
package dev.tidemark.broker;

import org.jspecify.annotations.NullMarked;
