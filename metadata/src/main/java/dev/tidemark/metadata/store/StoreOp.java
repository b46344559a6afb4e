package dev.tidemark.metadata.store;

import dev.tidemark.base.Bytes;

/// One operation of a [MetadataStore#multi].
public sealed interface StoreOp {
    /// Matches any version of a node.
    int ANY_VERSION = -1;

    enum CreateMode {
        PERSISTENT,
        /// Removed when the session ends; has no children.
        EPHEMERAL,
        /// Gets a number of ten digits, rising under its parent, appended to its path.
        PERSISTENT_SEQUENTIAL,
        EPHEMERAL_SEQUENTIAL
    }

    String path();

    record Create(String path, Bytes data, CreateMode mode) implements StoreOp {}

    record SetData(String path, Bytes data, int expectedVersion) implements StoreOp {}

    record Delete(String path, int expectedVersion) implements StoreOp {}

    /// Changes nothing; the whole multi is refused unless the node is there with this version.
    record CheckVersion(String path, int expectedVersion) implements StoreOp {}

    static StoreOp create(String path, Bytes data) {
        return new Create(path, data, CreateMode.PERSISTENT);
    }

    static StoreOp createEphemeral(String path, Bytes data) {
        return new Create(path, data, CreateMode.EPHEMERAL);
    }

    static StoreOp set(String path, Bytes data, int expectedVersion) {
        return new SetData(path, data, expectedVersion);
    }

    static StoreOp delete(String path, int expectedVersion) {
        return new Delete(path, expectedVersion);
    }

    static StoreOp check(String path, int expectedVersion) {
        return new CheckVersion(path, expectedVersion);
    }
}
