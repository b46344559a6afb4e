/// The seam to the file system.
@NullMarked
package dev.tidemark.base.disk;

import org.jspecify.annotations.NullMarked;
