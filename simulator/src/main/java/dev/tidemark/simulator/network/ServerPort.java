package dev.tidemark.simulator.network;

import dev.tidemark.base.time.Loop;
import dev.tidemark.broker.dispatch.RequestProcessor;
import dev.tidemark.simulator.world.SimulatedProcess;
import dev.tidemark.simulator.world.World;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/// Where a broker takes connections: bound early, so that nobody is refused, and served once it is open.
public final class ServerPort {
    private final World world;
    private final SimulatedProcess process;
    private final RequestProcessor processor;
    private final List<Loop> loops;
    private final Set<ServerConnection> connections = new LinkedHashSet<>();
    private int accepted;
    private boolean open;
    private boolean closed;

    public ServerPort(World world, SimulatedProcess process, RequestProcessor processor, List<Loop> loops) {
        this.world = world;
        this.process = process;
        this.processor = processor;
        this.loops = loops;
    }

    /// In a task of the process.
    public void accept(Socket socket) {
        if (closed) {
            socket.close();
            return;
        }
        int number = ++accepted;
        connections.add(
                new ServerConnection(number, socket, loops.get((number - 1) % loops.size()), new Gate(), world));
        connections.removeIf(connection -> !connection.isOpen());
    }

    public boolean isOpen() {
        return open && !closed && process.isAlive();
    }

    /// Lets in who waits.
    public void open() {
        open = true;
        for (ServerConnection connection : connections) connection.onOpened();
    }

    /// Sends everybody home.
    public void close() {
        closed = true;
        for (ServerConnection connection : connections) connection.close("the broker stops");
    }

    /// What a connection asks before it hands over a request.
    final class Gate implements RequestProcessor {
        boolean isOpen() {
            return open;
        }

        @Override
        public void onRequest(dev.tidemark.broker.dispatch.Exchange exchange) {
            processor.onRequest(exchange);
        }

        @Override
        public void onDisconnected(dev.tidemark.broker.dispatch.Connection connection) {
            if (open) processor.onDisconnected(connection);
        }
    }
}
