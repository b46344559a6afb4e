/// The copying of logs from their leaders to this broker.
@NullMarked
package dev.tidemark.broker.replica;

import org.jspecify.annotations.NullMarked;
