/// Commands about settings.
@NullMarked
package dev.tidemark.dist.cli.config;

import org.jspecify.annotations.NullMarked;
