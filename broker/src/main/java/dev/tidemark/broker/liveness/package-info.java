/// Which processes are certainly dead, known from their refused connections long before their sessions end.
@NullMarked
package dev.tidemark.broker.liveness;

import org.jspecify.annotations.NullMarked;
