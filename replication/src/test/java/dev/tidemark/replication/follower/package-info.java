@NullMarked
package dev.tidemark.replication.follower;

import org.jspecify.annotations.NullMarked;
