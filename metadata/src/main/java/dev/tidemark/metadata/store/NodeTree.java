package dev.tidemark.metadata.store;

import dev.tidemark.base.Bytes;
import dev.tidemark.metadata.store.WriteResult.Reason;
import dev.tidemark.metadata.store.WriteResult.Written;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.pcollections.PSortedMap;
import org.pcollections.TreePMap;

/// The nodes of an [InMemoryEnsemble]: ZooKeeper's rules for paths, versions and multis, on a persistent map, so that a
/// refused multi leaves nothing behind. Owner: the ensemble.
final class NodeTree {
    private PSortedMap<String, Node> nodes =
            TreePMap.<String, Node>empty().plus("/", new Node(Bytes.EMPTY, new NodeStat(0, 0, 0, 0), 0));
    private long zxid;

    /// @param sequence how many children it has had: the number of the next sequential one
    private record Node(Bytes data, NodeStat stat, int sequence) {}

    /// A multi at work: what it has changed so far.
    private final class Attempt {
        private final long session;
        private final long zxid;
        private PSortedMap<String, Node> nodes;
        private final List<Written> written = new ArrayList<>();
        private final List<StoreEvent> events = new ArrayList<>();

        Attempt(long session) {
            this.session = session;
            this.zxid = NodeTree.this.zxid + 1;
            this.nodes = NodeTree.this.nodes;
        }

        Optional<Reason> apply(StoreOp op) {
            return switch (op) {
                case StoreOp.Create create -> create(create);
                case StoreOp.SetData set -> set(set);
                case StoreOp.Delete delete -> delete(delete);
                case StoreOp.CheckVersion check -> check(check);
            };
        }

        private Optional<Reason> create(StoreOp.Create op) {
            if (!isPath(op.path())) return Optional.of(Reason.BAD_ARGUMENTS);
            String parentPath = parentOf(op.path());
            Node parent = nodes.get(parentPath);
            if (parent == null) return Optional.of(Reason.NO_NODE);
            if (parent.stat().ephemeralOwner() != 0) return Optional.of(Reason.BAD_ARGUMENTS);
            boolean sequential = op.mode() == StoreOp.CreateMode.PERSISTENT_SEQUENTIAL
                    || op.mode() == StoreOp.CreateMode.EPHEMERAL_SEQUENTIAL;
            boolean ephemeral =
                    op.mode() == StoreOp.CreateMode.EPHEMERAL || op.mode() == StoreOp.CreateMode.EPHEMERAL_SEQUENTIAL;
            String path = sequential ? op.path() + String.format(Locale.ROOT, "%010d", parent.sequence()) : op.path();
            if (nodes.containsKey(path)) return Optional.of(Reason.NODE_EXISTS);
            NodeStat stat = new NodeStat(zxid, zxid, 0, ephemeral ? session : 0);
            nodes = nodes.plus(parentPath, new Node(parent.data(), parent.stat(), parent.sequence() + 1))
                    .plus(path, new Node(op.data(), stat, 0));
            return done(path, 0, StoreEvent.Type.CREATED);
        }

        private Optional<Reason> set(StoreOp.SetData op) {
            Node node = nodes.get(op.path());
            if (node == null) return Optional.of(Reason.NO_NODE);
            if (isOther(node, op.expectedVersion())) return Optional.of(Reason.BAD_VERSION);
            NodeStat before = node.stat();
            NodeStat stat = new NodeStat(before.czxid(), zxid, before.version() + 1, before.ephemeralOwner());
            nodes = nodes.plus(op.path(), new Node(op.data(), stat, node.sequence()));
            return done(op.path(), stat.version(), StoreEvent.Type.CHANGED);
        }

        private Optional<Reason> delete(StoreOp.Delete op) {
            Node node = nodes.get(op.path());
            if (node == null) return Optional.of(Reason.NO_NODE);
            if (isOther(node, op.expectedVersion())) return Optional.of(Reason.BAD_VERSION);
            if (!under(nodes, op.path()).isEmpty()) return Optional.of(Reason.NOT_EMPTY);
            nodes = nodes.minus(op.path());
            return done(op.path(), -1, StoreEvent.Type.DELETED);
        }

        private Optional<Reason> check(StoreOp.CheckVersion op) {
            Node node = nodes.get(op.path());
            if (node == null) return Optional.of(Reason.NO_NODE);
            if (isOther(node, op.expectedVersion())) return Optional.of(Reason.BAD_VERSION);
            written.add(new Written(op.path(), node.stat().version()));
            return Optional.empty();
        }

        private Optional<Reason> done(String path, int version, StoreEvent.Type type) {
            written.add(new Written(path, version));
            events.add(new StoreEvent(type, path));
            return Optional.empty();
        }

        private void commit() {
            NodeTree.this.nodes = nodes;
            NodeTree.this.zxid = zxid;
        }
    }

    record Outcome(WriteResult result, List<StoreEvent> events) {}

    Outcome multi(List<StoreOp> ops, long session) {
        Attempt attempt = new Attempt(session);
        for (int i = 0; i < ops.size(); i++) {
            Optional<Reason> refusal = attempt.apply(ops.get(i));
            if (refusal.isPresent()) {
                return new Outcome(new WriteResult.Refused(i, ops.get(i).path(), refusal.get()), List.of());
            }
        }
        attempt.commit();
        return new Outcome(new WriteResult.Done(List.copyOf(attempt.written)), List.copyOf(attempt.events));
    }

    /// Removes the ephemeral nodes of a session that is over.
    List<StoreEvent> endSession(long session) {
        List<StoreEvent> events = new ArrayList<>();
        zxid++;
        for (String path : List.copyOf(nodes.keySet())) {
            Node node = nodes.get(path);
            if (node == null || node.stat().ephemeralOwner() != session) continue;
            nodes = nodes.minus(path);
            events.add(new StoreEvent(StoreEvent.Type.DELETED, path));
        }
        return events;
    }

    Optional<StoredNode> get(String path) {
        return Optional.ofNullable(nodes.get(path)).map(node -> new StoredNode(node.data(), node.stat()));
    }

    Optional<List<String>> children(String path) {
        if (!nodes.containsKey(path)) return Optional.empty();
        String prefix = path.equals("/") ? "/" : path + "/";
        return Optional.of(under(nodes, path).keySet().stream()
                .map(child -> child.substring(prefix.length()))
                .filter(name -> !name.isEmpty() && name.indexOf('/') < 0)
                .toList());
    }

    private static PSortedMap<String, Node> under(PSortedMap<String, Node> nodes, String path) {
        if (path.equals("/")) return TreePMap.fromSortedMap(nodes.tailMap("/", false));
        return TreePMap.fromSortedMap(nodes.subMap(path + '/', path + (char) ('/' + 1)));
    }

    private static boolean isOther(Node node, int expectedVersion) {
        return expectedVersion != StoreOp.ANY_VERSION
                && expectedVersion != node.stat().version();
    }

    private static String parentOf(String path) {
        int slash = path.lastIndexOf('/');
        return slash <= 0 ? "/" : path.substring(0, slash);
    }

    private static boolean isPath(String path) {
        if (!path.startsWith("/") || path.endsWith("/") || path.indexOf('\0') >= 0) return false;
        for (String part : path.substring(1).split("/", -1)) {
            if (part.isEmpty() || part.equals(".") || part.equals("..")) return false;
        }
        return true;
    }
}
