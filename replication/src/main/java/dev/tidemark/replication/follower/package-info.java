/// The follower's side: where it fetches, where its log departs from the leader's, and what it takes over.
@NullMarked
package dev.tidemark.replication.follower;

import org.jspecify.annotations.NullMarked;
