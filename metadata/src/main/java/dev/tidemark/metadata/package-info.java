/// Cluster image and its deltas, controller decisions, the MetadataStore seam.
@NullMarked
package dev.tidemark.metadata;

import org.jspecify.annotations.NullMarked;
