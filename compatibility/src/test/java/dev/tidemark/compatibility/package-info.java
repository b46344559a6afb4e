/// The tests that drive a running broker with other people's clients.
@NullMarked
package dev.tidemark.compatibility;

import org.jspecify.annotations.NullMarked;
