/// What commands print: tables, JSON, colours, progress.
@NullMarked
package dev.tidemark.dist.cli.output;

import org.jspecify.annotations.NullMarked;
