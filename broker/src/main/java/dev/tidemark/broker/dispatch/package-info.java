/// From a frame to the handler of its API, and the seam to the network.
@NullMarked
package dev.tidemark.broker.dispatch;

import org.jspecify.annotations.NullMarked;
