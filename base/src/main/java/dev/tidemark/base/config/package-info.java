/// Configuration: what keys there are, what they may hold, and which of several layers a value comes from.
@NullMarked
package dev.tidemark.base.config;

import org.jspecify.annotations.NullMarked;
