/// Committed offsets of a group: commit, fetch, deletion, expiry.
@NullMarked
package dev.tidemark.coordinator.group.offsets;

import org.jspecify.annotations.NullMarked;
