@NullMarked
package dev.tidemark.storage.epoch;

import org.jspecify.annotations.NullMarked;
