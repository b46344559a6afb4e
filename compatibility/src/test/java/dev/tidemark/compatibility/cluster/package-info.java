/// A real cluster of processes, driven by Kafka's clients while processes and connections fail.
@NullMarked
package dev.tidemark.compatibility.cluster;

import org.jspecify.annotations.NullMarked;
