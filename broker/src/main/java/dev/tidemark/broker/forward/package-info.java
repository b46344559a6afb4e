/// The way to the controller from any broker: what clients ask is sent on, what this broker asks is sent.
@NullMarked
package dev.tidemark.broker.forward;

import org.jspecify.annotations.NullMarked;
