package dev.tidemark.simulator.network;

import dev.tidemark.simulator.world.SimulatedProcess;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// A machine on the simulated network, under one name. At most one process listens on it.
public final class Machine {
    private final int number;
    private final String host;
    private boolean up = true;
    private @Nullable SimulatedProcess listening;
    private @Nullable Consumer<Socket> acceptor;

    Machine(int number, String host) {
        this.number = number;
        this.host = host;
    }

    public int number() {
        return number;
    }

    public String host() {
        return host;
    }

    boolean isUp() {
        return up;
    }

    void up(boolean isUp) {
        up = isUp;
    }

    /// From now on `process` takes connections here, each in a task of its own.
    public void listen(SimulatedProcess process, Consumer<Socket> newAcceptor) {
        listening = process;
        acceptor = newAcceptor;
    }

    /// Gives the connection to the process that listens, if there is one.
    boolean accept(Socket socket) {
        SimulatedProcess process = listening;
        Consumer<Socket> taker = acceptor;
        if (process == null || taker == null || !process.isAlive()) return false;
        process.after(0, () -> taker.accept(socket));
        return true;
    }

    @Nullable
    SimulatedProcess listening() {
        SimulatedProcess process = listening;
        return process != null && process.isAlive() ? process : null;
    }

    @Override
    public String toString() {
        return host;
    }
}
