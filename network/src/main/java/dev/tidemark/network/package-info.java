/// Netty: frames, connections, reply order, memory bounds.
@NullMarked
package dev.tidemark.network;

import org.jspecify.annotations.NullMarked;
