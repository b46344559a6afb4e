/// Applications that read, work and write in transactions, while processes die.
@NullMarked
package dev.tidemark.compatibility.transaction;

import org.jspecify.annotations.NullMarked;
