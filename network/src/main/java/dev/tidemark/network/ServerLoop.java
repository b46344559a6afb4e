package dev.tidemark.network;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Set;
import java.util.function.Consumer;

/// What one loop keeps for its connections: memory, the writer of replies, and the connections themselves.
///
/// Owner: the loop.
final class ServerLoop {
    private final NettyLoop loop;
    private final LoopMemory memory;
    private final ReplyWriter replies;
    private final Set<NettyConnection> connections = new HashSet<>();
    private ArrayDeque<NettyConnection> ready = new ArrayDeque<>();
    private boolean closed;

    ServerLoop(NettyLoop loop, MemoryBudget budget) {
        this.loop = loop;
        this.memory = new LoopMemory(budget);
        this.replies = new ReplyWriter(memory.allocator());
    }

    NettyLoop loop() {
        return loop;
    }

    LoopMemory memory() {
        return memory;
    }

    ReplyWriter replies() {
        return replies;
    }

    void add(NettyConnection connection) {
        connections.add(connection);
    }

    void remove(NettyConnection connection) {
        connections.remove(connection);
        if (closed && connections.isEmpty()) free();
    }

    /// `connection` has replies to send; they leave together, once the tasks that wait now have run.
    void sendSoon(NettyConnection connection) {
        if (ready.isEmpty()) loop.eventLoop().execute(this::sendReady);
        ready.add(connection);
    }

    private void sendReady() {
        ArrayDeque<NettyConnection> now = ready;
        ready = new ArrayDeque<>();
        for (NettyConnection connection : now) connection.onTurn();
    }

    /// `action` may remove connections.
    void forEach(Consumer<NettyConnection> action) {
        for (NettyConnection connection : new ArrayList<>(connections)) action.accept(connection);
    }

    /// Gives the memory back once the last connection is gone.
    void close() {
        closed = true;
        if (connections.isEmpty()) free();
    }

    private void free() {
        closed = false;
        memory.close();
        replies.close();
    }
}
