package dev.tidemark.coordinator.group.consumer;

import org.pcollections.HashTreePMap;
import org.pcollections.PMap;

/// What a group forgets on reload: when it last looked at the world, and over what its members came.
///
/// @param checkedVersion the version of the metadata that the subscribed topics were last compared with; -1 for
///     never
/// @param resolvesRegexes regular expressions are being resolved
/// @param regexVersion the version of the metadata that regular expressions were last resolved with; -1 for never
/// @param regexTimeMs when that began
/// @param connections the newest connection of each member that was heard
public record SoftState(
        long checkedVersion,
        boolean resolvesRegexes,
        long regexVersion,
        long regexTimeMs,
        PMap<String, Long> connections) {
    public static final SoftState NEW = new SoftState(-1, false, -1, 0, HashTreePMap.empty());

    SoftState checked(long version) {
        return new SoftState(version, resolvesRegexes, regexVersion, regexTimeMs, connections);
    }

    SoftState resolving(long version, long nowMs) {
        return new SoftState(checkedVersion, true, version, nowMs, connections);
    }

    SoftState resolved() {
        return new SoftState(checkedVersion, false, regexVersion, regexTimeMs, connections);
    }

    /// 0 where the member was not heard since the group was loaded.
    long connection(String memberId) {
        return connections.getOrDefault(memberId, 0L);
    }

    SoftState heard(String memberId, long connection) {
        return withConnections(connections.plus(memberId, connection));
    }

    SoftState gone(String memberId) {
        return withConnections(connections.minus(memberId));
    }

    private SoftState withConnections(PMap<String, Long> newConnections) {
        return new SoftState(checkedVersion, resolvesRegexes, regexVersion, regexTimeMs, newConnections);
    }
}
