@NullMarked
package dev.tidemark.replication.leader;

import org.jspecify.annotations.NullMarked;
