/// Group coordinators: pure state machines and their runtime.
@NullMarked
package dev.tidemark.coordinator;

import org.jspecify.annotations.NullMarked;
