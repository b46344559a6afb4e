@NullMarked
package dev.tidemark.broker.peer;

import org.jspecify.annotations.NullMarked;
