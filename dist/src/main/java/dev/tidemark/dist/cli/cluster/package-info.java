/// Commands about the cluster as a whole.
@NullMarked
package dev.tidemark.dist.cli.cluster;

import org.jspecify.annotations.NullMarked;
