/// The primitive codec: reads and writes the wire's basic types, with every length checked before it is believed.
@NullMarked
package dev.tidemark.protocol.codec;

import org.jspecify.annotations.NullMarked;
