@NullMarked
package dev.tidemark.protocol.record;

import org.jspecify.annotations.NullMarked;
