@NullMarked
package dev.tidemark.broker.control;

import org.jspecify.annotations.NullMarked;
