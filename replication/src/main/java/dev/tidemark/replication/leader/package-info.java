/// The leader's side: what its followers have, who is in sync, and how far the high watermark may go.
@NullMarked
package dev.tidemark.replication.leader;

import org.jspecify.annotations.NullMarked;
