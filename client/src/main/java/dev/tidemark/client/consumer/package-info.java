/// Reads records, alone or in a group.
@NullMarked
package dev.tidemark.client.consumer;

import org.jspecify.annotations.NullMarked;
