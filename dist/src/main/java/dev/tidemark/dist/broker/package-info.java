/// The broker put together: settings, wiring, start and stop.
@NullMarked
package dev.tidemark.dist.broker;

import org.jspecify.annotations.NullMarked;
