/// Clients under test, each behind the same few operations.
@NullMarked
package dev.tidemark.compatibility.driver;

import org.jspecify.annotations.NullMarked;
