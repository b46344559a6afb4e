@NullMarked
package dev.tidemark.broker.dispatch;

import org.jspecify.annotations.NullMarked;
