@NullMarked
package dev.tidemark.broker;

import org.jspecify.annotations.NullMarked;
