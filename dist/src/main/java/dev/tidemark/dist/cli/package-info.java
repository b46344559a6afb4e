/// The command line: a tree of small commands over the clients.
@NullMarked
package dev.tidemark.dist.cli;

import org.jspecify.annotations.NullMarked;
