@NullMarked
package dev.tidemark.protocol.codec;

import org.jspecify.annotations.NullMarked;
