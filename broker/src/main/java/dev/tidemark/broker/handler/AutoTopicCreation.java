package dev.tidemark.broker.handler;

import java.util.Set;
import java.util.concurrent.CompletableFuture;

/// Creates topics that clients or coordinators need.
public interface AutoTopicCreation {
    /// `auto.create.topics.enable`, which may change while the broker runs.
    boolean isEnabled();

    /// Creates those of `names` that are not there, internal topics with their own settings. Completes, never with a
    /// failure, once they are served here, could not be created, or took too long: whoever asked looks again.
    CompletableFuture<Void> create(Set<String> names);
}
