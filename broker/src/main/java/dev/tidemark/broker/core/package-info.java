/// A broker put together: everything behind the network, over the seams to the world.
@NullMarked
package dev.tidemark.broker.core;

import org.jspecify.annotations.NullMarked;
