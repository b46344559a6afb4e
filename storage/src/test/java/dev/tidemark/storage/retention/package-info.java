@NullMarked
package dev.tidemark.storage.retention;

import org.jspecify.annotations.NullMarked;
