/// Commands about consumer groups.
@NullMarked
package dev.tidemark.dist.cli.group;

import org.jspecify.annotations.NullMarked;
