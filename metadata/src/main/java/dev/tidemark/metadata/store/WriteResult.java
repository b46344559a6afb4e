package dev.tidemark.metadata.store;

import java.util.List;

/// What became of a multi: all of it or nothing of it was done.
public sealed interface WriteResult {
    /// Why the store refused an operation.
    enum Reason {
        NO_NODE,
        NODE_EXISTS,
        BAD_VERSION,
        NOT_EMPTY,
        /// A parent that cannot have children, a path that is not one, and the like.
        BAD_ARGUMENTS,
        NOT_PERMITTED
    }

    /// The outcome of one operation: the path (with its number, where the node is sequential) and the node's version
    /// afterwards, -1 where the node is gone.
    record Written(String path, int version) {}

    /// `written` has one element per operation, in order.
    record Done(List<Written> written) implements WriteResult {}

    /// Nothing was changed, because of the operation at `index`.
    record Refused(int index, String path, Reason reason) implements WriteResult {}

    default boolean isDone() {
        return this instanceof Done;
    }
}
