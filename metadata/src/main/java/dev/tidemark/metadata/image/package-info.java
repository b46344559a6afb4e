/// The immutable picture of the cluster's metadata, and the changes that lead from one to the next.
@NullMarked
package dev.tidemark.metadata.image;

import org.jspecify.annotations.NullMarked;
