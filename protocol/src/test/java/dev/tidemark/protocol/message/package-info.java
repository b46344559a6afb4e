@NullMarked
package dev.tidemark.protocol.message;

import org.jspecify.annotations.NullMarked;
