/// Holds the layers and the purity that the design asks for.
@NullMarked
package dev.tidemark.dist.architecture;

import org.jspecify.annotations.NullMarked;
