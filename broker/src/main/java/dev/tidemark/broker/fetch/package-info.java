/// Fetching: sessions (KIP-227), reading several partitions under one limit, and waiting for more.
@NullMarked
package dev.tidemark.broker.fetch;

import org.jspecify.annotations.NullMarked;
