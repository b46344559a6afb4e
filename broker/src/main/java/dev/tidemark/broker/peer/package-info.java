/// How brokers talk to each other: the seam to the transport, and the connections that the features share.
@NullMarked
package dev.tidemark.broker.peer;

import org.jspecify.annotations.NullMarked;
