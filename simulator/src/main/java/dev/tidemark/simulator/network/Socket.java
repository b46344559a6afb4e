package dev.tidemark.simulator.network;

import dev.tidemark.simulator.world.SimulatedProcess;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/// One end of a connection. What is sent arrives in order, whole frames at a time; what a broken path holds back
/// arrives when the path is whole again, if the connection still stands then.
public final class Socket {
    /// What an end hears, in tasks of its process.
    public interface Receiver {
        void onFrame(byte[] frame);

        /// The other end is gone. Told once, and not after [Socket#close].
        void onClosed();
    }

    private static final byte[] END = new byte[0];

    private final SimulatedNetwork network;
    private final Machine machine;
    private final SimulatedProcess process;
    private final Deque<byte[]> held = new ArrayDeque<>();
    private @Nullable Socket peer;
    private @Nullable Receiver receiver;
    private long lastArrivalNs;
    private boolean closed;
    private boolean silent;
    private boolean stalled;

    Socket(SimulatedNetwork network, Machine machine, SimulatedProcess process) {
        this.network = network;
        this.machine = machine;
        this.process = process;
    }

    static void join(Socket one, Socket other) {
        one.peer = other;
        other.peer = one;
    }

    public Machine machine() {
        return machine;
    }

    /// The other end's machine.
    public Machine peerMachine() {
        Socket other = peer;
        return other == null ? machine : other.machine;
    }

    SimulatedProcess process() {
        return process;
    }

    FlawedServer flawed() {
        return network.flawedServer();
    }

    public boolean isOpen() {
        return !closed;
    }

    /// Must be set before the process can hear anything: in the task that got the socket.
    public void receiver(Receiver newReceiver) {
        receiver = newReceiver;
    }

    public void send(byte[] frame) {
        if (!closed) transmit(frame);
    }

    public void close() {
        if (closed) return;
        transmit(END);
        vanish();
    }

    /// This end is no more, and says nothing of it.
    void vanish() {
        closed = true;
        network.forget(this);
    }

    /// From now on nothing that is sent in either direction arrives, and no end learns of it.
    void silence() {
        silent = true;
        Socket other = peer;
        if (other != null) other.silent = true;
    }

    /// From now on what this end sends is held back, also when the connection is given up meanwhile, so that what is
    /// sent over others overtakes it.
    void stall() {
        stalled = true;
    }

    /// What was held back arrives now, unless the path is broken.
    void unstall() {
        stalled = false;
        onHealed();
    }

    /// Both ends learn that the connection is broken.
    void breakBoth() {
        Socket other = peer;
        tellBroken();
        if (other != null) other.tellBroken();
    }

    private void tellBroken() {
        held.clear();
        process.after(0, () -> hear(END));
    }

    private void transmit(byte[] frame) {
        Socket other = peer;
        if (silent || other == null) return;
        if (stalled || network.isBlocked(machine, other.machine) || !held.isEmpty()) held.add(frame);
        else travel(frame, other);
    }

    /// The path is whole again.
    void onHealed() {
        Socket other = peer;
        if (other == null || stalled || network.isBlocked(machine, other.machine)) return;
        byte[] frame;
        while ((frame = held.poll()) != null) if (!silent) travel(frame, other);
    }

    boolean holdsBack() {
        return !held.isEmpty();
    }

    private void travel(byte[] frame, Socket other) {
        lastArrivalNs = Math.max(lastArrivalNs, network.arrivalNs(machine, other.machine, frame.length));
        network.at(lastArrivalNs, () -> other.arrive(frame));
    }

    /// In the network's own time, not yet the process's.
    private void arrive(byte[] frame) {
        if (!machine.isUp()) return;
        if (closed) {
            Socket other = peer;
            if (frame.length > 0 && other != null) transmit(END); // Reset by a machine that knows no such connection.
            return;
        }
        process.after(0, () -> hear(frame));
    }

    private void hear(byte[] frame) {
        Receiver to = receiver;
        if (closed || to == null) return;
        network.trace(frame);
        if (frame.length > 0) {
            to.onFrame(frame);
        } else {
            vanish();
            to.onClosed();
        }
    }
}
