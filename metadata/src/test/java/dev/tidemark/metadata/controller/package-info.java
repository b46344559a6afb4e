@NullMarked
package dev.tidemark.metadata.controller;

import org.jspecify.annotations.NullMarked;
