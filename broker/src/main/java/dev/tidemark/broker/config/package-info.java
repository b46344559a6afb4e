/// The broker's configuration while it runs: static values, what the cluster's metadata lays over them, and what that
/// makes of each topic and group.
@NullMarked
package dev.tidemark.broker.config;

import org.jspecify.annotations.NullMarked;
