/// Makes of the cluster's metadata what this broker holds and serves.
@NullMarked
package dev.tidemark.broker.control;

import org.jspecify.annotations.NullMarked;
