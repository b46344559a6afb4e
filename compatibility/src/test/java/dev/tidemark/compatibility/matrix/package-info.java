/// What is checked of every client, and the table of the outcomes.
@NullMarked
package dev.tidemark.compatibility.matrix;

import org.jspecify.annotations.NullMarked;
