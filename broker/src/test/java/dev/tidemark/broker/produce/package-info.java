@NullMarked
package dev.tidemark.broker.produce;

import org.jspecify.annotations.NullMarked;
