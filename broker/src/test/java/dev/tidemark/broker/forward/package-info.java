@NullMarked
package dev.tidemark.broker.forward;

import org.jspecify.annotations.NullMarked;
