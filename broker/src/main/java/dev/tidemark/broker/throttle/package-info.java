/// Bounds for the bytes per second that the copying of chosen replicas may use (KIP-73), so that a reassignment leaves
/// clients their share.
@NullMarked
package dev.tidemark.broker.throttle;

import org.jspecify.annotations.NullMarked;
