@NullMarked
package dev.tidemark.storage.directory;

import org.jspecify.annotations.NullMarked;
