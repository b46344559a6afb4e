package dev.tidemark.simulator.network;

import dev.tidemark.simulator.flaw.Flaw;
import dev.tidemark.simulator.world.SimulatedProcess;
import dev.tidemark.simulator.world.World;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.random.RandomGenerator;

/// Machines, the paths between them, and the connections on these. Frames of one connection arrive in order; those of
/// different connections overtake each other. Faults are per path, which has a direction, and per connection.
public final class SimulatedNetwork {
    /// Who wanted a connection hears of it in a task of the process.
    public interface Connector {
        void onConnected(Socket socket);

        void onRefused();
    }

    private record Path(int from, int to) implements Comparable<Path> {
        @Override
        public int compareTo(Path other) {
            return from != other.from ? Integer.compare(from, other.from) : Integer.compare(to, other.to);
        }
    }

    private static final class Quality {
        boolean blocked;
        long extraNs;
        final List<Runnable> waiting = new ArrayList<>();
    }

    private static final long NS_PER_BYTE = 10;

    private final World world;
    private final Flaw flaw;
    private final FlawedServer flawedServer;
    private final RandomGenerator random;
    private final long latencyNsMax;
    private final Map<String, Machine> machines = new TreeMap<>();
    private final Map<Path, Quality> paths = new TreeMap<>();
    private final Set<Socket> sockets = new LinkedHashSet<>();

    public SimulatedNetwork(World world, Flaw flaw) {
        this.world = world;
        this.flaw = flaw;
        this.flawedServer = new FlawedServer(flaw);
        this.random = world.newRandom();
        this.latencyNsMax = 100_000 + random.nextLong(3_000_000);
    }

    public Machine machine(int number, String host) {
        Machine machine = new Machine(number, host);
        machines.put(host, machine);
        return machine;
    }

    private Quality quality(Machine from, Machine to) {
        return paths.computeIfAbsent(new Path(from.number(), to.number()), _ -> new Quality());
    }

    /// Of the brokers that are on it.
    public Flaw flaw() {
        return flaw;
    }

    FlawedServer flawedServer() {
        return flawedServer;
    }

    boolean isBlocked(Machine from, Machine to) {
        return quality(from, to).blocked;
    }

    long arrivalNs(Machine from, Machine to, int bytes) {
        return world.nowNs() + 20_000 + random.nextLong(latencyNsMax) + quality(from, to).extraNs + bytes * NS_PER_BYTE;
    }

    void at(long atNs, Runnable task) {
        world.afterNs(atNs - world.nowNs(), task);
    }

    void trace(byte[] frame) {
        world.trace().note(frame);
    }

    void forget(Socket socket) {
        if (!socket.holdsBack()) sockets.remove(socket);
    }

    /// Begins to connect. Where a path is broken or the machine is off nobody hears of anything.
    public void connect(Machine from, SimulatedProcess process, String host, Connector connector) {
        Machine to = machines.get(host);
        if (to == null) return;
        whenWhole(from, to, () -> at(arrivalNs(from, to, 0), () -> knock(from, process, to, connector)));
    }

    private void knock(Machine from, SimulatedProcess process, Machine to, Connector connector) {
        if (!to.isUp() || !process.isAlive()) return;
        SimulatedProcess listening = to.listening();
        if (listening == null) {
            whenWhole(to, from, () -> at(arrivalNs(to, from, 0), () -> process.after(0, connector::onRefused)));
            return;
        }
        Socket near = new Socket(this, from, process);
        Socket far = new Socket(this, to, listening);
        Socket.join(near, far);
        sockets.add(near);
        sockets.add(far);
        boolean accepted = to.accept(far);
        whenWhole(
                to, from, () -> at(arrivalNs(to, from, 0), () -> process.after(0, () -> connector.onConnected(near))));
        if (!accepted) far.close();
    }

    private void whenWhole(Machine from, Machine to, Runnable task) {
        Quality path = quality(from, to);
        if (path.blocked) path.waiting.add(task);
        else task.run();
    }

    // ---- faults

    /// Holds back everything that goes from one machine to the other.
    public void block(Machine from, Machine to) {
        quality(from, to).blocked = true;
    }

    public void heal(Machine from, Machine to) {
        Quality path = quality(from, to);
        path.extraNs = 0;
        if (!path.blocked) return;
        path.blocked = false;
        List<Runnable> waiting = List.copyOf(path.waiting);
        path.waiting.clear();
        waiting.forEach(Runnable::run);
        for (Socket socket : List.copyOf(sockets)) {
            socket.onHealed();
            forgetIfDone(socket);
        }
    }

    private void forgetIfDone(Socket socket) {
        if (!socket.isOpen() && !socket.holdsBack()) sockets.remove(socket);
    }

    /// From now on each frame takes this much longer.
    public void slow(Machine from, Machine to, long extraMs) {
        quality(from, to).extraNs = extraMs * 1_000_000;
    }

    /// Breaks one connection between the machines, so that both ends learn of it.
    public boolean reset(Machine one, Machine other) {
        List<Socket> between = between(one, other);
        if (between.isEmpty()) return false;
        Socket chosen = between.get(random.nextInt(between.size()));
        chosen.breakBoth();
        return true;
    }

    /// Makes one connection between the machines half open: both ends stand, and nothing arrives.
    public boolean silence(Machine one, Machine other) {
        List<Socket> between = between(one, other);
        if (between.isEmpty()) return false;
        between.get(random.nextInt(between.size())).silence();
        return true;
    }

    /// Holds back what goes one way over one connection between the machines; those that are made later are whole.
    public boolean stall(Machine from, Machine to) {
        List<Socket> between = between(from, to);
        if (between.isEmpty()) return false;
        between.get(random.nextInt(between.size())).stall();
        return true;
    }

    /// What [#stall] held back arrives.
    public void unstall(Machine from, Machine to) {
        for (Socket socket : List.copyOf(sockets)) {
            if (!socket.machine().equals(from) || !socket.peerMachine().equals(to)) continue;
            socket.unstall();
            forgetIfDone(socket);
        }
    }

    private List<Socket> between(Machine one, Machine other) {
        List<Socket> found = new ArrayList<>();
        for (Socket socket : sockets) {
            if (socket.isOpen()
                    && socket.machine().equals(one)
                    && socket.peerMachine().equals(other)) found.add(socket);
        }
        return found;
    }

    /// The process has ended: its machine tells the other ends.
    public void onProcessEnd(SimulatedProcess process) {
        for (Socket socket : List.copyOf(sockets)) if (socket.process().equals(process)) socket.close();
    }

    /// The machine is off: nobody tells anybody.
    public void powerOff(Machine machine) {
        machine.up(false);
        for (Socket socket : List.copyOf(sockets)) if (socket.machine().equals(machine)) socket.vanish();
    }

    public void powerOn(Machine machine) {
        machine.up(true);
    }
}
