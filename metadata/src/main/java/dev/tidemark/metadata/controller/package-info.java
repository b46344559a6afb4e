/// The controller's decisions, as pure functions of the cluster image.
@NullMarked
package dev.tidemark.metadata.controller;

import org.jspecify.annotations.NullMarked;
