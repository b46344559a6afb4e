/// What is known of the cluster, and how a request finds its broker.
@NullMarked
package dev.tidemark.client.cluster;

import org.jspecify.annotations.NullMarked;
