/// Commands about transactions.
@NullMarked
package dev.tidemark.dist.cli.transaction;

import org.jspecify.annotations.NullMarked;
