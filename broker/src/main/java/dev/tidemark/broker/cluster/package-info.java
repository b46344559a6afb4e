/// What this broker knows and tells of the cluster.
@NullMarked
package dev.tidemark.broker.cluster;

import org.jspecify.annotations.NullMarked;
