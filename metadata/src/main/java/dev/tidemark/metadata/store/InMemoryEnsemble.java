package dev.tidemark.metadata.store;

import dev.tidemark.base.time.Loop;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Consumer;

/// ZooKeeper's semantics in memory, for tests and for the simulator: one tree, and any number of clients with sessions
/// of their own ([InMemoryMetadataStore]). Deterministic: everything happens on one loop, in the order of its clock.
///
/// Owner: the loop; clients and faults may be driven from tasks of that loop only.
public final class InMemoryEnsemble {
    private final Loop loop;
    private NodeTree tree = new NodeTree();
    private NodeTree absentTree = new NodeTree();
    private final SortedMap<Long, InMemoryMetadataStore> sessions = new TreeMap<>();
    private final List<InMemoryMetadataStore> clients = new ArrayList<>();
    /// Sessions without a client that run out once there is a majority, and after what time.
    private final SortedMap<Long, Long> abandoned = new TreeMap<>();

    private long lastSessionId;
    private final List<Consumer<StoreOp>> observers = new ArrayList<>();
    private boolean available = true;
    private int leaderBeside;

    public InMemoryEnsemble(Loop loop) {
        this.loop = loop;
    }

    /// For checks: `observer` hears of every operation that is done, in order and before any client does. Nodes that
    /// go with their session are told as deletions.
    public void observe(Consumer<StoreOp> observer) {
        observers.add(observer);
    }

    /// A client with a fresh session.
    public InMemoryMetadataStore connect(long sessionTimeoutMs) {
        InMemoryMetadataStore client = new InMemoryMetadataStore(this, loop, sessionTimeoutMs);
        clients.add(client);
        if (available) client.reconnect();
        return client;
    }

    /// The ensemble has lost its majority, or changes its leader: every client is disconnected, and no session runs out
    /// meanwhile, though clients give theirs up.
    public void loseQuorum() {
        available = false;
        for (InMemoryMetadataStore client : List.copyOf(clients)) client.disconnect();
    }

    /// From now on the ensemble's leader runs in the process of this broker; 0 for none.
    public void leadBeside(int brokerId) {
        leaderBeside = brokerId;
    }

    public boolean isLedBeside(int brokerId) {
        return leaderBeside == brokerId;
    }

    public void regainQuorum() {
        available = true;
        abandoned.forEach(this::expireLater);
        abandoned.clear();
        for (InMemoryMetadataStore client : List.copyOf(clients)) client.reconnect();
    }

    /// Another ensemble answers in place of this one, an empty one at first; and this one the next time.
    public void swap() {
        loseQuorum();
        for (long session : List.copyOf(sessions.keySet())) endSession(session);
        NodeTree present = tree;
        tree = absentTree;
        absentTree = present;
        regainQuorum();
    }

    /// Ends a session at once, as if its client had been silent for too long.
    public void expire(InMemoryMetadataStore client) {
        endSession(client.sessionId());
        client.onExpired();
    }

    /// The session of a dead client runs out, once the ensemble is there to notice.
    void onAbandoned(InMemoryMetadataStore client) {
        remove(client);
        onGivenUp(client.sessionId(), client.sessionTimeoutMs());
    }

    void onGivenUp(long session, long timeoutMs) {
        if (available) expireLater(session, timeoutMs);
        else abandoned.put(session, timeoutMs);
    }

    private void expireLater(long session, long timeoutMs) {
        var _ = loop.runAfter(timeoutMs, () -> endSession(session));
    }

    /// What the ensemble holds at `path`, whoever can reach it.
    public Optional<StoredNode> look(String path) {
        return tree.get(path);
    }

    boolean isAvailable() {
        return available;
    }

    NodeTree tree() {
        return tree;
    }

    long newSession(InMemoryMetadataStore client) {
        long id = ++lastSessionId;
        sessions.put(id, client);
        return id;
    }

    boolean isAlive(long sessionId) {
        return sessions.containsKey(sessionId);
    }

    void endSession(long sessionId) {
        if (sessions.remove(sessionId) == null) return;
        List<StoreEvent> events = tree.endSession(sessionId);
        events.forEach(event -> observed(StoreOp.delete(event.path(), StoreOp.ANY_VERSION)));
        tell(events);
    }

    WriteResult multi(List<StoreOp> ops, long sessionId) {
        NodeTree.Outcome outcome = tree.multi(ops, sessionId);
        if (outcome.result().isDone()) ops.forEach(this::observed);
        tell(outcome.events());
        return outcome.result();
    }

    private void observed(StoreOp op) {
        observers.forEach(observer -> observer.accept(op));
    }

    void remove(InMemoryMetadataStore client) {
        clients.remove(client);
    }

    private void tell(List<StoreEvent> events) {
        if (events.isEmpty()) return;
        for (InMemoryMetadataStore client : List.copyOf(clients)) client.onEvents(events);
    }
}
