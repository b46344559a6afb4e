package dev.tidemark.zookeeper;

import dev.tidemark.metadata.store.MetadataStore;
import dev.tidemark.metadata.store.SessionEvent;
import dev.tidemark.metadata.store.StoreEvent;
import dev.tidemark.metadata.store.StoreException;
import dev.tidemark.metadata.store.StoreOp;
import dev.tidemark.metadata.store.StoredNode;
import dev.tidemark.metadata.store.WriteResult;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import org.apache.curator.CuratorZookeeperClient;
import org.apache.curator.ensemble.fixed.FixedEnsembleProvider;
import org.apache.curator.retry.RetryNTimes;
import org.apache.zookeeper.AddWatchMode;
import org.apache.zookeeper.KeeperException.Code;
import org.apache.zookeeper.Op;
import org.apache.zookeeper.WatchedEvent;
import org.apache.zookeeper.Watcher;
import org.apache.zookeeper.ZooDefs;
import org.apache.zookeeper.ZooKeeper;
import org.apache.zookeeper.client.ZKClientConfig;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The metadata store on ZooKeeper (3.6 or newer, for its recursive watches and its multis of reads).
///
/// Curator's low-level client makes the connection and, when a session has expired, a new one. Operations go to the
/// ZooKeeper handle itself, without Curator's retries: whoever asks must know when an outcome is unknown. All callbacks
/// come on the handle's one event thread, in ZooKeeper's order.
///
/// Owner: that event thread; operations may be given from any thread.
public final class CuratorMetadataStore implements MetadataStore {
    private static final Logger LOG = LoggerFactory.getLogger(CuratorMetadataStore.class);
    private static final int STATES_PER_READ = 1_000;

    /// Topic znodes may have 1 MB each, and a reply must fit in [#REPLY_BYTES_MAX].
    private static final int NODES_PER_READ = 48;

    private static final int REPLY_BYTES_MAX = 64 << 20;

    private final ConnectString connect;
    private final boolean firstPreferred;
    private final LongConsumer onNewSession;
    private final CuratorZookeeperClient client;
    private final CompletableFuture<MetadataStore> firstConnection = new CompletableFuture<>();
    private final List<TreeWatch> watches = new CopyOnWriteArrayList<>();
    private volatile @Nullable ZooKeeper handle;
    private volatile boolean closed;
    private @Nullable Consumer<SessionEvent> sessionListener;
    private @Nullable SessionEvent lastSessionEvent;
    private long session = -1;

    private record TreeWatch(String path, Watcher watcher) {}

    private CuratorMetadataStore(ZooKeeperSettings settings, LongConsumer onNewSession) {
        this.connect = ConnectString.parse(settings.connect());
        this.firstPreferred = settings.firstPreferred();
        this.onNewSession = onNewSession;
        this.client = new CuratorZookeeperClient(
                this::newHandle,
                new FixedEnsembleProvider(connect.hosts()),
                settings.sessionTimeoutMs(),
                settings.connectionTimeoutMs(),
                this::onConnectionEvent,
                new RetryNTimes(0, 0),
                false);
    }

    /// Connects, and makes the chroot where it is missing.
    ///
    /// @param onNewSession hears of every session that this client gets, before it is used; see [PastSessions]
    /// @return completes with the connected store; fails with an [java.io.IOException] that says what is wrong
    public static CompletableFuture<MetadataStore> connect(ZooKeeperSettings settings, LongConsumer onNewSession) {
        CuratorMetadataStore store = new CuratorMetadataStore(settings, onNewSession);
        FirstConnection.watch(store.firstConnection, settings, () -> {
            var _ = store.close();
        });
        try {
            store.client.start();
        } catch (Exception e) {
            store.firstConnection.completeExceptionally(e);
        }
        return store.firstConnection;
    }

    private ZooKeeper newHandle(String hosts, int sessionTimeoutMs, Watcher watcher, boolean readOnly)
            throws java.io.IOException {
        ZKClientConfig config = ClientConfig.make();
        config.setProperty(ZKClientConfig.JUTE_MAXBUFFER, Integer.toString(REPLY_BYTES_MAX));
        ZooKeeper made = new ZooKeeper(
                hosts, sessionTimeoutMs, watcher, readOnly, new NearestFirst(hosts, !firstPreferred), config);
        handle = made;
        return made;
    }

    private void onConnectionEvent(WatchedEvent event) {
        if (event.getType() != Watcher.Event.EventType.None || closed) return;
        switch (event.getState()) {
            case SyncConnected, ConnectedReadOnly -> onConnected();
            case Disconnected -> tell(new SessionEvent.Disconnected());
            case Expired -> tell(new SessionEvent.Expired());
            case AuthFailed -> LOG.error("ZooKeeper refused the login of this broker");
            default -> {}
        }
    }

    /// Puts the watches in place and catches up with the ensemble's leader before anybody reads.
    private void onConnected() {
        ZooKeeper connected = handle;
        if (connected == null) return;
        long id = connected.getSessionId();
        boolean fresh = id != session;
        session = id;
        if (fresh) {
            onNewSession.accept(id);
            LOG.info("Connected to ZooKeeper at {}, session 0x{}", connect.hosts(), Long.toHexString(id));
            makeChroot(connected);
        }
        for (TreeWatch watch : watches) { // Also in the same session: the request for one may have been lost.
            connected.addWatch(watch.path(), watch.watcher(), AddWatchMode.PERSISTENT_RECURSIVE, (_, _, _) -> {}, null);
        }
        connected.sync(
                connect.root(),
                (code, _, _) -> {
                    if (code != Code.OK.intValue()) return; // Disconnected again: another event follows.
                    tell(new SessionEvent.Connected(id, fresh));
                    firstConnection.complete(this);
                },
                null);
    }

    private void makeChroot(ZooKeeper connected) {
        for (String parent : connect.chrootParents()) {
            connected.create(
                    parent,
                    new byte[0],
                    ZooDefs.Ids.OPEN_ACL_UNSAFE,
                    org.apache.zookeeper.CreateMode.PERSISTENT,
                    (code, path, _, _) -> {
                        boolean there = code == Code.OK.intValue() || code == Code.NODEEXISTS.intValue();
                        if (!there) LOG.error("Cannot create the chroot {}: {}", path, Code.get(code));
                    },
                    null);
        }
    }

    /// Under the lock, so that a listener hears the events in order, whichever thread it came from.
    private void tell(SessionEvent event) {
        synchronized (watches) {
            lastSessionEvent = event;
            if (sessionListener != null) sessionListener.accept(event);
        }
    }

    @Override
    public void onSession(Consumer<SessionEvent> listener) {
        synchronized (watches) {
            sessionListener = listener;
            if (lastSessionEvent != null) listener.accept(lastSessionEvent);
        }
    }

    @Override
    public CompletableFuture<Optional<StoredNode>> get(String path) {
        CompletableFuture<Optional<StoredNode>> result = new CompletableFuture<>();
        ZooKeeper zooKeeper = usable(result);
        if (zooKeeper == null) return result;
        zooKeeper.getData(
                connect.chroot() + path,
                false,
                (code, _, _, data, stat) -> {
                    if (code == Code.OK.intValue()) result.complete(Optional.of(ZooKeeperReplies.node(data, stat)));
                    else if (code == Code.NONODE.intValue()) result.complete(Optional.empty());
                    else result.completeExceptionally(ZooKeeperReplies.silence(code));
                },
                null);
        return result;
    }

    @Override
    public CompletableFuture<List<Optional<StoredNode>>> getAll(List<String> paths) {
        List<List<String>> chunks = chunks(paths);
        CompletableFuture<List<Optional<StoredNode>>> result = new CompletableFuture<>();
        if (chunks.isEmpty()) {
            result.complete(List.of());
            return result;
        }
        List<List<Optional<StoredNode>>> parts = new ArrayList<>(Collections.nCopies(chunks.size(), List.of()));
        AtomicInteger missing = new AtomicInteger(chunks.size());
        for (int i = 0; i < chunks.size(); i++) {
            int index = i;
            readChunk(chunks.get(i), result, part -> {
                parts.set(index, part);
                if (missing.decrementAndGet() == 0) {
                    List<Optional<StoredNode>> all = new ArrayList<>(paths.size());
                    parts.forEach(all::addAll);
                    result.complete(all);
                }
            });
        }
        return result;
    }

    private void readChunk(List<String> paths, CompletableFuture<?> result, Consumer<List<Optional<StoredNode>>> then) {
        ZooKeeper zooKeeper = usable(result);
        if (zooKeeper == null) return;
        List<Op> reads =
                paths.stream().map(path -> Op.getData(connect.chroot() + path)).toList();
        zooKeeper.multi(
                reads,
                (code, _, _, results) -> {
                    if (results == null || results.size() != paths.size()) {
                        result.completeExceptionally(ZooKeeperReplies.silence(code));
                        return;
                    }
                    try {
                        then.accept(results.stream().map(ZooKeeperReplies::read).toList());
                    } catch (StoreException e) {
                        result.completeExceptionally(e);
                    }
                },
                null);
    }

    private static List<List<String>> chunks(List<String> paths) {
        List<List<String>> chunks = new ArrayList<>();
        int from = 0;
        while (from < paths.size()) {
            boolean states = isState(paths.get(from));
            int max = states ? STATES_PER_READ : NODES_PER_READ;
            int to = from + 1;
            while (to < paths.size() && to - from < max && isState(paths.get(to)) == states) to++;
            chunks.add(paths.subList(from, to));
            from = to;
        }
        return chunks;
    }

    private static boolean isState(String path) {
        return path.endsWith("/state");
    }

    @Override
    public CompletableFuture<Optional<List<String>>> children(String path) {
        CompletableFuture<Optional<List<String>>> result = new CompletableFuture<>();
        ZooKeeper zooKeeper = usable(result);
        if (zooKeeper == null) return result;
        zooKeeper.getChildren(
                connect.chroot() + path,
                false,
                (int code, String _, Object _, List<String> names) -> {
                    if (code == Code.OK.intValue()) {
                        result.complete(Optional.of(names.stream().sorted().toList()));
                    } else if (code == Code.NONODE.intValue()) result.complete(Optional.empty());
                    else result.completeExceptionally(ZooKeeperReplies.silence(code));
                },
                null);
        return result;
    }

    @Override
    public CompletableFuture<WriteResult> multi(List<StoreOp> ops) {
        CompletableFuture<WriteResult> result = new CompletableFuture<>();
        ZooKeeper zooKeeper = usable(result);
        if (zooKeeper == null) return result;
        if (ops.isEmpty()) {
            result.complete(new WriteResult.Done(List.of()));
            return result;
        }
        List<Op> translated;
        try {
            translated = ops.stream()
                    .map(op -> ZooKeeperReplies.op(op, connect.chroot()))
                    .toList();
            zooKeeper.multi(
                    translated,
                    (code, _, _, results) -> {
                        if (code == Code.OK.intValue()) {
                            result.complete(ZooKeeperReplies.done(ops, results, connect.chroot()));
                            return;
                        }
                        ZooKeeperReplies.refused(ops, code, results)
                                .ifPresentOrElse(
                                        result::complete,
                                        () -> result.completeExceptionally(ZooKeeperReplies.silence(code)));
                    },
                    null);
        } catch (IllegalArgumentException e) {
            result.complete(
                    new WriteResult.Refused(0, ops.getFirst().path(), WriteResult.Reason.BAD_ARGUMENTS)); // Not a path.
        }
        return result;
    }

    @Override
    public CompletableFuture<Void> watchTree(String path, Consumer<StoreEvent> watcher) {
        CompletableFuture<Void> result = new CompletableFuture<>();
        TreeWatch watch = new TreeWatch(connect.chroot() + path, event -> onTreeEvent(event, watcher));
        watches.add(watch);
        ZooKeeper zooKeeper = usable(result);
        if (zooKeeper == null) return result;
        zooKeeper.addWatch(
                watch.path(),
                watch.watcher(),
                AddWatchMode.PERSISTENT_RECURSIVE,
                (code, _, _) -> {
                    if (code == Code.OK.intValue()) result.complete(null);
                    else result.completeExceptionally(ZooKeeperReplies.silence(code));
                },
                null);
        return result;
    }

    @Override
    public CompletableFuture<Void> unwatchTree(String path) {
        CompletableFuture<Void> result = new CompletableFuture<>();
        ZooKeeper zooKeeper = usable(result);
        if (zooKeeper == null) return result;
        String full = connect.chroot() + path;
        watches.removeIf(watch -> watch.path().equals(full));
        zooKeeper.removeAllWatches(
                full,
                Watcher.WatcherType.Any,
                true,
                (code, _, _) -> {
                    boolean gone = code == Code.OK.intValue() || code == Code.NOWATCHER.intValue();
                    if (gone) result.complete(null);
                    else result.completeExceptionally(ZooKeeperReplies.silence(code));
                },
                null);
        return result;
    }

    private void onTreeEvent(WatchedEvent event, Consumer<StoreEvent> watcher) {
        StoreEvent.Type type = switch (event.getType()) {
            case NodeCreated -> StoreEvent.Type.CREATED;
            case NodeDataChanged -> StoreEvent.Type.CHANGED;
            case NodeDeleted -> StoreEvent.Type.DELETED;
            default -> null;
        };
        String path = event.getPath();
        if (type != null && path != null && !closed) {
            watcher.accept(new StoreEvent(type, path.substring(connect.chroot().length())));
        }
    }

    @Override
    public CompletableFuture<Void> close() {
        closed = true;
        CompletableFuture<Void> done = new CompletableFuture<>();
        Thread.ofVirtual().name("zookeeper-close").start(() -> {
            client.close();
            done.complete(null);
        });
        return done;
    }

    private @Nullable ZooKeeper usable(CompletableFuture<?> result) {
        ZooKeeper zooKeeper = handle;
        if (zooKeeper != null && !closed) return zooKeeper;
        result.completeExceptionally(new StoreException(StoreException.Kind.CLOSED, "the ZooKeeper client is closed"));
        return null;
    }
}
