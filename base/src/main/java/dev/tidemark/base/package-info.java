/// Typed ids and invariants that everything else stands on.
@NullMarked
package dev.tidemark.base;

import org.jspecify.annotations.NullMarked;
