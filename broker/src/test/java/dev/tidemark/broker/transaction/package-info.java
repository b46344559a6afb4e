@NullMarked
package dev.tidemark.broker.transaction;

import org.jspecify.annotations.NullMarked;
