@NullMarked
package dev.tidemark.storage.log;

import org.jspecify.annotations.NullMarked;
