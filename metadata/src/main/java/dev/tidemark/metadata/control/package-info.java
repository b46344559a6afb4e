/// The shell of the control plane: joins the cluster, follows its metadata, runs the controller's decisions.
@NullMarked
package dev.tidemark.metadata.control;

import org.jspecify.annotations.NullMarked;
