package dev.tidemark.metadata.store;

import dev.tidemark.base.time.Loop;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// One client of an [InMemoryEnsemble], with the faults that a client of ZooKeeper meets.
///
/// A request takes effect when it arrives; what goes back (replies and watch events) travels in one ordered stream, so
/// that an event never overtakes, nor is overtaken by, a reply. Owner: the ensemble's loop.
public final class InMemoryMetadataStore implements MetadataStore {
    private final InMemoryEnsemble ensemble;
    private final Loop loop;
    private final long sessionTimeoutMs;
    private final Deque<Runnable> inbound = new ArrayDeque<>();
    private final List<Watch> watches = new ArrayList<>();

    /// Requests whose replies have not arrived, in the order in which they were sent.
    private final SortedMap<Long, CompletableFuture<?>> pending = new TreeMap<>();

    private long lastRequest;
    private @Nullable Consumer<SessionEvent> sessionListener;
    private @Nullable SessionEvent lastSessionEvent;
    private Loop.@Nullable Timer expiry;
    private Loop.@Nullable Timer givingUp;
    private boolean connected;
    private boolean closed;
    private long sessionId = -1;

    /// Counts connections: what was sent over an earlier one is lost.
    private int connection;

    private long latencyMs;
    private int repliesToLose;

    private static final class Watch {
        final String path;
        final Consumer<StoreEvent> watcher;

        /// Whether the request for it has arrived, over this connection or an earlier one.
        boolean placed;

        Watch(String path, Consumer<StoreEvent> watcher) {
            this.path = path;
            this.watcher = watcher;
        }

        boolean covers(String changed) {
            return changed.startsWith(path)
                    && (changed.length() == path.length() || path.equals("/") || changed.charAt(path.length()) == '/');
        }
    }

    InMemoryMetadataStore(InMemoryEnsemble ensemble, Loop loop, long sessionTimeoutMs) {
        this.ensemble = ensemble;
        this.loop = loop;
        this.sessionTimeoutMs = sessionTimeoutMs;
    }

    /// Cuts the connection. The session goes on until its time runs out, unless the whole ensemble is away.
    public void disconnect() {
        if (!connected || closed) return;
        connected = false;
        connection++;
        inbound.clear();
        repliesToLose = 0;
        tell(new SessionEvent.Disconnected());
        long cut = sessionId;
        if (ensemble.isAvailable()) expiry = loop.runAfter(sessionTimeoutMs, () -> ensemble.endSession(cut));
        givingUp = loop.runAfter(sessionTimeoutMs * 4 / 3, () -> giveUp(cut));
    }

    /// As ZooKeeper's client does (since 3.9.3) when nobody has answered for so long: it takes the session for over,
    /// also where the whole ensemble is away and will find it alive.
    private void giveUp(long session) {
        if (connected || closed || sessionId != session) return;
        sessionId = -1;
        ensemble.onGivenUp(session, sessionTimeoutMs);
        tell(new SessionEvent.Expired());
    }

    /// The client's process is dead: nobody hears of it any more, and its session runs out.
    public void abandon() {
        disconnect();
        closed = true;
        ensemble.onAbandoned(this);
    }

    long sessionTimeoutMs() {
        return sessionTimeoutMs;
    }

    /// Connects again: with the same session if it is still alive.
    public void reconnect() {
        if (connected || closed || !ensemble.isAvailable()) return;
        if (expiry != null) expiry.cancel();
        if (givingUp != null) givingUp.cancel();
        boolean first = sessionId < 0;
        boolean fresh = first || !ensemble.isAlive(sessionId);
        if (fresh && !first) tell(new SessionEvent.Expired());
        if (fresh) sessionId = ensemble.newSession(this);
        connected = true;
        watches.forEach(watch -> watch.placed = true);
        tell(new SessionEvent.Connected(sessionId, fresh));
    }

    /// What comes back takes this long from now on: a slow network, or a server that lags behind.
    public void latencyMs(long ms) {
        latencyMs = ms;
    }

    /// The next `replies` writes are done, but the connection breaks before their replies arrive.
    public void loseReplies(int replies) {
        repliesToLose = replies;
    }

    public long sessionId() {
        return sessionId;
    }

    @Override
    public CompletableFuture<Optional<StoredNode>> get(String path) {
        return request(() -> ensemble.tree().get(path), false);
    }

    @Override
    public CompletableFuture<List<Optional<StoredNode>>> getAll(List<String> paths) {
        List<String> copy = List.copyOf(paths);
        return request(() -> copy.stream().map(ensemble.tree()::get).toList(), false);
    }

    @Override
    public CompletableFuture<Optional<List<String>>> children(String path) {
        return request(() -> ensemble.tree().children(path), false);
    }

    @Override
    public CompletableFuture<WriteResult> multi(List<StoreOp> ops) {
        List<StoreOp> copy = List.copyOf(ops);
        return request(() -> ensemble.multi(copy, sessionId), true);
    }

    @Override
    public CompletableFuture<Void> watchTree(String path, Consumer<StoreEvent> watcher) {
        Watch watch = new Watch(path, watcher);
        watches.add(watch);
        return this.<Optional<StoredNode>>request(
                        () -> {
                            watch.placed = true;
                            return Optional.empty();
                        },
                        false)
                .thenAccept(_ -> {});
    }

    @Override
    public CompletableFuture<Void> unwatchTree(String path) {
        List<Watch> gone =
                watches.stream().filter(watch -> watch.path.equals(path)).toList();
        return this.<Optional<StoredNode>>request(
                        () -> {
                            watches.removeAll(gone);
                            return Optional.empty();
                        },
                        false)
                .thenAccept(_ -> {});
    }

    @Override
    public void onSession(Consumer<SessionEvent> listener) {
        SessionEvent last = lastSessionEvent;
        loop.run(() -> {
            sessionListener = listener;
            if (last != null) listener.accept(last);
        });
    }

    @Override
    public CompletableFuture<Void> close() {
        closed = true;
        connected = false;
        connection++;
        ensemble.endSession(sessionId);
        ensemble.remove(this);
        List<CompletableFuture<?>> lost = List.copyOf(pending.values());
        pending.clear();
        loop.run(() -> lost.forEach(this::lose));
        return CompletableFuture.completedFuture(null);
    }

    void onEvents(List<StoreEvent> events) {
        if (!connected) return;
        for (StoreEvent event : events) {
            for (Watch watch : watches) {
                if (watch.placed && watch.covers(event.path())) deliver(() -> watch.watcher.accept(event));
            }
        }
    }

    void onExpired() {
        if (closed) return;
        boolean wasConnected = connected;
        connected = false;
        connection++;
        inbound.clear();
        if (wasConnected) tell(new SessionEvent.Disconnected());
        loop.run(this::reconnect);
    }

    private <T> CompletableFuture<T> request(Supplier<T> work, boolean write) {
        CompletableFuture<T> future = new CompletableFuture<>();
        if (closed) {
            loop.run(() -> future.completeExceptionally(
                    new StoreException(StoreException.Kind.CLOSED, "the client is closed")));
            return future;
        }
        int sentOver = connection;
        long request = ++lastRequest;
        pending.put(request, future);
        loop.run(() -> arrive(work, write, sentOver, request, future));
        return future;
    }

    private <T> void arrive(Supplier<T> work, boolean write, int sentOver, long request, CompletableFuture<T> future) {
        if (!connected || connection != sentOver) {
            pending.remove(request);
            lose(future);
            return;
        }
        T result = work.get();
        if (write && repliesToLose > 0) {
            repliesToLose--;
            disconnect();
            loop.run(this::reconnect);
            return;
        }
        deliver(() -> {
            pending.remove(request);
            future.complete(result);
        });
    }

    private void lose(CompletableFuture<?> future) {
        future.completeExceptionally(
                new StoreException(StoreException.Kind.CONNECTION_LOST, "the connection to the store was lost"));
    }

    private void deliver(Runnable message) {
        inbound.add(message);
        int over = connection;
        Runnable next = () -> {
            if (connection != over) return;
            Runnable first = inbound.poll();
            if (first != null) first.run();
        };
        if (latencyMs > 0) loop.runAfter(latencyMs, next);
        else loop.run(next);
    }

    private void tell(SessionEvent event) {
        lastSessionEvent = event;
        List<CompletableFuture<?>> lost = new ArrayList<>();
        if (event instanceof SessionEvent.Disconnected) {
            lost.addAll(pending.values());
            pending.clear();
        }
        loop.run(() -> {
            lost.forEach(this::lose);
            Consumer<SessionEvent> listener = sessionListener;
            if (listener != null) listener.accept(event);
        });
    }
}
