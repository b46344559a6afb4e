/// What a partition knows of its producers: sequences, epochs, open transactions.
@NullMarked
package dev.tidemark.storage.producer;

import org.jspecify.annotations.NullMarked;
