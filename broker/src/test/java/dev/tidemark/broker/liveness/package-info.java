@NullMarked
package dev.tidemark.broker.liveness;

import org.jspecify.annotations.NullMarked;
