@NullMarked
package dev.tidemark.storage.cleaner;

import org.jspecify.annotations.NullMarked;
