/// Apache Kafka 3.x's znode paths and JSON.
@NullMarked
package dev.tidemark.metadata.json;

import org.jspecify.annotations.NullMarked;
