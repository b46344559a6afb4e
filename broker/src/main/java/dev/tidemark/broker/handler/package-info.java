/// One class per API, named after it.
@NullMarked
package dev.tidemark.broker.handler;

import org.jspecify.annotations.NullMarked;
