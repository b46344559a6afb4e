package dev.tidemark.coordinator.group.consumer;

/// What a group forgets on reload: when it last looked at the world.
///
/// @param checkedVersion the version of the metadata that the subscribed topics were last compared with; -1 for never
/// @param resolvesRegexes regular expressions are being resolved
public record SoftState(long checkedVersion, boolean resolvesRegexes) {
    public static final SoftState NEW = new SoftState(-1, false);
}
