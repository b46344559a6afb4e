/// The small text files beside the logs, in Kafka's formats.
@NullMarked
package dev.tidemark.storage.checkpoint;

import org.jspecify.annotations.NullMarked;
