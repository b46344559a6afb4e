@NullMarked
package dev.tidemark.storage.dump;

import org.jspecify.annotations.NullMarked;
