/// Topics, configs, groups, offsets: what operators and tools ask for.
@NullMarked
package dev.tidemark.client.admin;

import org.jspecify.annotations.NullMarked;
