@NullMarked
package dev.tidemark.metadata.json;

import org.jspecify.annotations.NullMarked;
