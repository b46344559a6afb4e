/// Commands about topics.
@NullMarked
package dev.tidemark.dist.cli.topic;

import org.jspecify.annotations.NullMarked;
