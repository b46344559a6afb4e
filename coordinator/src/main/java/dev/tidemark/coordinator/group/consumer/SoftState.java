package dev.tidemark.coordinator.group.consumer;

/// What a group forgets on reload: when it last looked at the world.
///
/// @param checkedVersion the version of the metadata that the subscribed topics were last compared with; -1 for
///     never
/// @param resolvesRegexes regular expressions are being resolved
/// @param regexVersion the version of the metadata that regular expressions were last resolved with; -1 for never
/// @param regexTimeMs when that began
public record SoftState(long checkedVersion, boolean resolvesRegexes, long regexVersion, long regexTimeMs) {
    public static final SoftState NEW = new SoftState(-1, false, -1, 0);

    SoftState checked(long version) {
        return new SoftState(version, resolvesRegexes, regexVersion, regexTimeMs);
    }

    SoftState resolving(long version, long nowMs) {
        return new SoftState(checkedVersion, true, version, nowMs);
    }

    SoftState resolved() {
        return new SoftState(checkedVersion, false, regexVersion, regexTimeMs);
    }
}
