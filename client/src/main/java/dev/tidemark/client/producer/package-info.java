/// Writes records in batches.
@NullMarked
package dev.tidemark.client.producer;

import org.jspecify.annotations.NullMarked;
