@NullMarked
package dev.tidemark.network;

import org.jspecify.annotations.NullMarked;
