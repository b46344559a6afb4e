/// Connections to brokers: framing, versions, pipelining, time-outs.
@NullMarked
package dev.tidemark.client.network;

import org.jspecify.annotations.NullMarked;
