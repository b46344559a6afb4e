/// Main classes, wiring, packaging, CLI commands.
@NullMarked
package dev.tidemark.dist;

import org.jspecify.annotations.NullMarked;
