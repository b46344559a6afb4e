/// One record per message of Kafka's protocol; all but this file is generated when building.
@NullMarked
package dev.tidemark.protocol.message;

import org.jspecify.annotations.NullMarked;
