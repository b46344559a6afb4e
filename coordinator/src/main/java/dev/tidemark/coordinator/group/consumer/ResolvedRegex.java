package dev.tidemark.coordinator.group.consumer;

import java.util.List;

/// The topics that a regular expression stood for at a time.
///
/// @param topics names, sorted
/// @param metadataVersion the version of the metadata that was searched
/// @param timestampMs wall clock
public record ResolvedRegex(List<String> topics, long metadataVersion, long timestampMs) {
    public ResolvedRegex {
        topics = List.copyOf(topics);
    }
}
