/// Build time only: turns Kafka's published message definitions into Java records.
@NullMarked
package dev.tidemark.protocol.generator;

import org.jspecify.annotations.NullMarked;
