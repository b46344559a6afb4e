/// The partitions that this broker holds: each one a serial around its log.
@NullMarked
package dev.tidemark.broker.partition;

import org.jspecify.annotations.NullMarked;
