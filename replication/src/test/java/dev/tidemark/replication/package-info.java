@NullMarked
package dev.tidemark.replication;

import org.jspecify.annotations.NullMarked;
