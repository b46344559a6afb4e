/// Side by side with Apache Kafka in one run: the command and the order of the run.
@NullMarked
package dev.tidemark.bench;

import org.jspecify.annotations.NullMarked;
