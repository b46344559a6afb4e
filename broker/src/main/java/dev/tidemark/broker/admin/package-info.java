/// Administration: what clients ask of the controller, and how its answers reach the wire.
@NullMarked
package dev.tidemark.broker.admin;

import org.jspecify.annotations.NullMarked;
