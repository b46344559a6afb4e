package dev.tidemark.base.disk;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/// Folders and the names in them, as everybody sees them and as the platter has them. Between the two lie the changes
/// that no force of a folder has made lasting yet. Guarded by the [MemoryDisk] that owns it.
final class MemoryTree {
    sealed interface Node {}

    /// `openCount` handles are open; a file that has no name any more takes space until the last one is closed.
    static final class File implements Node {
        final MemoryContent content;
        long lastModifiedMs;
        int openCount;
        boolean linked = true;

        File(MemoryContent content, long lastModifiedMs) {
            this.content = content;
            this.lastModifiedMs = lastModifiedMs;
        }
    }

    static final class Folder implements Node {
        final SortedMap<String, Node> names = new TreeMap<>();
        final SortedMap<String, Node> forced = new TreeMap<>();
    }

    /// One name's change; `node` is `null` where the name went away.
    record Entry(Folder folder, String name, @Nullable Node node) {}

    /// Entries that change together: the two of a rename.
    private record Change(List<Entry> entries) {}

    private final Folder root;
    private final List<Change> unforced = new ArrayList<>();

    MemoryTree() {
        this(new Folder());
    }

    private MemoryTree(Folder root) {
        this.root = root;
    }

    @Nullable
    Node find(Path absolute) {
        Node node = root;
        for (Path name : absolute) {
            if (!(node instanceof Folder folder)) return null;
            node = folder.names.get(name.toString());
            if (node == null) return null;
        }
        return node;
    }

    void change(Entry... entries) {
        for (Entry entry : entries) set(entry.folder().names, entry);
        unforced.add(new Change(List.of(entries)));
    }

    /// Makes the changes in `folder` last, and with them those that they rest on.
    void force(Folder folder) {
        Set<Folder> reached = new HashSet<>(Set.of(folder));
        boolean[] lasting = new boolean[unforced.size()];
        for (int i = unforced.size() - 1; i >= 0; i--) {
            lasting[i] = touches(unforced.get(i), reached);
            if (lasting[i]) addFolders(unforced.get(i), reached);
        }
        List<Change> rest = new ArrayList<>();
        for (int i = 0; i < lasting.length; i++) {
            if (lasting[i]) makeLasting(unforced.get(i));
            else rest.add(unforced.get(i));
        }
        unforced.clear();
        unforced.addAll(rest);
    }

    void forceAll() {
        for (Change change : unforced) makeLasting(change);
        unforced.clear();
    }

    void forEachFile(Consumer<MemoryContent> action) {
        forEachFile(root, action);
    }

    private static void forEachFile(Folder folder, Consumer<MemoryContent> action) {
        for (Node node : folder.names.values()) {
            switch (node) {
                case File file -> action.accept(file.content);
                case Folder inner -> forEachFile(inner, action);
            }
        }
    }

    /// A copy with every change that was made, and the same changes still to be forced.
    MemoryTree afterKill() {
        Map<Node, Node> copies = new HashMap<>();
        MemoryTree after = new MemoryTree((Folder) copyBoth(root, copies));
        for (Change change : unforced) {
            List<Entry> entries = new ArrayList<>();
            for (Entry entry : change.entries()) {
                Node node = entry.node() == null ? null : copyBoth(entry.node(), copies);
                entries.add(new Entry((Folder) copyBoth(entry.folder(), copies), entry.name(), node));
            }
            after.unforced.add(new Change(entries));
        }
        return after;
    }

    /// A copy as a power cut leaves it: of each folder's changes the first few lasted, and a rename whole or not at
    /// all.
    MemoryTree afterCrash(RandomGenerator random) {
        double survival = random.nextDouble();
        Set<Folder> stopped = new HashSet<>();
        for (Change change : unforced) {
            if (touches(change, stopped) || random.nextDouble() >= survival) addFolders(change, stopped);
            else makeLasting(change);
        }
        unforced.clear();
        Folder after = copyForced(root, content -> content.afterCrash(random));
        return new MemoryTree(after);
    }

    long usedBytes() {
        return usedBytes(root);
    }

    private static long usedBytes(Node node) {
        return switch (node) {
            case File file -> file.content.sizeBytes();
            case Folder folder ->
                folder.names.values().stream().mapToLong(MemoryTree::usedBytes).sum();
        };
    }

    private static Node copyBoth(Node node, Map<Node, Node> copies) {
        Node known = copies.get(node);
        if (known != null) return known;
        if (node instanceof File file) {
            File copy = new File(file.content.afterKill(), file.lastModifiedMs);
            copies.put(file, copy);
            return copy;
        }
        Folder folder = (Folder) node;
        Folder copy = new Folder();
        copies.put(folder, copy);
        folder.names.forEach((name, child) -> copy.names.put(name, copyBoth(child, copies)));
        folder.forced.forEach((name, child) -> copy.forced.put(name, copyBoth(child, copies)));
        return copy;
    }

    private static Folder copyForced(Folder folder, Function<MemoryContent, MemoryContent> copyContent) {
        Folder copy = new Folder();
        folder.forced.forEach((name, node) -> {
            Node child = switch (node) {
                case File file -> new File(copyContent.apply(file.content), file.lastModifiedMs);
                case Folder inner -> copyForced(inner, copyContent);
            };
            copy.names.put(name, child);
            copy.forced.put(name, child);
        });
        return copy;
    }

    private static boolean touches(Change change, Set<Folder> folders) {
        return change.entries().stream().anyMatch(entry -> folders.contains(entry.folder()));
    }

    private static void addFolders(Change change, Set<Folder> folders) {
        change.entries().forEach(entry -> folders.add(entry.folder()));
    }

    private static void makeLasting(Change change) {
        for (Entry entry : change.entries()) set(entry.folder().forced, entry);
    }

    private static void set(SortedMap<String, Node> names, Entry entry) {
        if (entry.node() == null) names.remove(entry.name());
        else names.put(entry.name(), entry.node());
    }
}
