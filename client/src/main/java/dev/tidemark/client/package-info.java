/// Producer, consumer and admin clients.
@NullMarked
package dev.tidemark.client;

import org.jspecify.annotations.NullMarked;
