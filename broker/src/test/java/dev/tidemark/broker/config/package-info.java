@NullMarked
package dev.tidemark.broker.config;

import org.jspecify.annotations.NullMarked;
