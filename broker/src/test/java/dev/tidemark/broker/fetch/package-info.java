@NullMarked
package dev.tidemark.broker.fetch;

import org.jspecify.annotations.NullMarked;
