@NullMarked
package dev.tidemark.storage.producer;

import org.jspecify.annotations.NullMarked;
