/// Our files in the hands of Apache Kafka's tools, and Apache Kafka's files in ours.
@NullMarked
package dev.tidemark.compatibility.disk;

import org.jspecify.annotations.NullMarked;
