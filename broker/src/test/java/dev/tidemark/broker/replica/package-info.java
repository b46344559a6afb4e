@NullMarked
package dev.tidemark.broker.replica;

import org.jspecify.annotations.NullMarked;
