/// What hostile and broken clients send, row by row, against a running broker with a well-behaved client beside it.
@NullMarked
package dev.tidemark.compatibility.badinput;

import org.jspecify.annotations.NullMarked;
