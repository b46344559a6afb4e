@NullMarked
package dev.tidemark.broker.group;

import org.jspecify.annotations.NullMarked;
