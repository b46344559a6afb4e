/// `tidemark produce`.
@NullMarked
package dev.tidemark.dist.cli.produce;

import org.jspecify.annotations.NullMarked;
