/// `tidemark consume`.
@NullMarked
package dev.tidemark.dist.cli.consume;

import org.jspecify.annotations.NullMarked;
