package dev.tidemark.metadata.store;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/// The seam to ZooKeeper: a tree of small versioned nodes that all brokers share, with ZooKeeper's guarantees.
///
/// - Operations of one client take effect in the order in which they were given; any number may be under way.
/// - A client sees the event of a change before it sees the change itself, and before the reply to its own write that
///   made the change.
/// - Futures and callbacks are completed one at a time, in the order of the answers. They must not block.
/// - What the store decides is a value ([WriteResult], an empty [Optional]); a [StoreException] means that it did not
///   answer, so that the outcome of a write is unknown.
///
/// Paths are absolute within the cluster's own tree (the chroot is added below this seam). A read or write waits while
/// the client is disconnected or fails with CONNECTION_LOST: the caller has to expect both.
public interface MetadataStore {
    /// Writes of more than this many bytes in all (see [#sizeOf]) are to be split.
    int MULTI_BYTES_MAX = 512 * 1024;

    /// The node's data and stat; empty where there is none.
    CompletableFuture<Optional<StoredNode>> get(String path);

    /// Many nodes at once, in the order of `paths`. Not one snapshot: each node is read for itself.
    CompletableFuture<List<Optional<StoredNode>>> getAll(List<String> paths);

    /// The sorted names (not paths) of a node's children; empty where the node is not there.
    CompletableFuture<Optional<List<String>>> children(String path);

    /// All or nothing.
    CompletableFuture<WriteResult> multi(List<StoreOp> ops);

    default CompletableFuture<WriteResult> write(StoreOp op) {
        return multi(List.of(op));
    }

    /// From now on `watcher` hears of every creation, change and deletion of `path` and of all nodes under it. Stays
    /// through disconnections and new sessions; events in between are lost, see [SessionEvent.Connected].
    CompletableFuture<Void> watchTree(String path, Consumer<StoreEvent> watcher);

    /// Takes back every [#watchTree] of exactly this path.
    CompletableFuture<Void> unwatchTree(String path);

    /// Tells the present state at once if the client is connected, and then every change of it. To be called once.
    void onSession(Consumer<SessionEvent> listener);

    /// Ends the session, whose ephemeral nodes go at once.
    CompletableFuture<Void> close();

    /// About what an operation takes in a request.
    static int sizeOf(StoreOp op) {
        int overhead = 64;
        return switch (op) {
            case StoreOp.Create create ->
                overhead + create.path().length() + create.data().size();
            case StoreOp.SetData set ->
                overhead + set.path().length() + set.data().size();
            case StoreOp.Delete delete -> overhead + delete.path().length();
            case StoreOp.CheckVersion check -> overhead + check.path().length();
        };
    }
}
