package dev.tidemark.network;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// What one loop keeps for the connections to other brokers. A broker that has no peers keeps nothing.
///
/// Owner: the loop.
final class PeerLoop {
    private final NettyLoop loop;
    private final MemoryBudget budget;
    private final Set<NettyPeerConnection> connections = new HashSet<>();
    private @Nullable LoopMemory memory;
    private int wires;
    private boolean closed;

    PeerLoop(NettyLoop loop, MemoryBudget budget) {
        this.loop = loop;
        this.budget = budget;
    }

    NettyLoop loop() {
        return loop;
    }

    MemoryBudget budget() {
        return budget;
    }

    LoopMemory memory() {
        LoopMemory made = memory;
        if (made == null) {
            made = new LoopMemory(budget);
            memory = made;
        }
        return made;
    }

    /// @return whether it may live
    boolean add(NettyPeerConnection connection) {
        return !closed && connections.add(connection);
    }

    void remove(NettyPeerConnection connection) {
        connections.remove(connection);
    }

    void onWireMade() {
        wires++;
    }

    void onWireGone() {
        wires--;
        if (closed && wires == 0) free();
    }

    /// Ends all connections, and gives the memory back once the last one reads no more.
    void close() {
        closed = true;
        for (NettyPeerConnection connection : new ArrayList<>(connections)) connection.endByOwner();
        if (wires == 0) free();
    }

    private void free() {
        LoopMemory made = memory;
        memory = null;
        if (made != null) made.close();
    }
}
