@NullMarked
package dev.tidemark.broker.partition;

import org.jspecify.annotations.NullMarked;
