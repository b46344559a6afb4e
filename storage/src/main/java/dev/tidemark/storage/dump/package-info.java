/// Shows what the files of a log hold, and what is wrong with them: the core of `tidemark dump-log`.
@NullMarked
package dev.tidemark.storage.dump;

import org.jspecify.annotations.NullMarked;
