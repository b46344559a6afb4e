@NullMarked
package dev.tidemark.broker.handler;

import org.jspecify.annotations.NullMarked;
