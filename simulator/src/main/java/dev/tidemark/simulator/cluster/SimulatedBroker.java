package dev.tidemark.simulator.cluster;

import dev.tidemark.base.disk.MemoryDisk;
import dev.tidemark.base.time.Clock;
import dev.tidemark.base.time.Loop;
import dev.tidemark.broker.core.BrokerCore;
import dev.tidemark.metadata.store.InMemoryEnsemble;
import dev.tidemark.simulator.flaw.Flaw;
import dev.tidemark.simulator.network.Machine;
import dev.tidemark.simulator.network.SimulatedNetwork;
import dev.tidemark.simulator.world.World;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/// A machine with a broker on it, through all of its incarnations: the disk and the configuration stay, processes
/// come and go. A process that ends by itself, because it cannot start, is started again after a while.
public final class SimulatedBroker {
    private static final long SUPERVISOR_MS = 3_000;
    private static final MemoryDisk.Hook NOTHING = (operation, path, bytes) -> {};

    private final World world;
    private final int id;
    private final Map<String, String> texts;
    private final SimulatedNetwork network;
    private final InMemoryEnsemble ensemble;
    private final Loop ensembleLoop;
    private final Machine machine;
    private final RandomGenerator random;
    private final Set<Long> pastSessions = new HashSet<>();
    private final long sessionTimeoutMs;
    private MemoryDisk disk;
    private long wallOffsetMs;
    private int incarnations;
    private boolean wanted;
    private @Nullable Incarnation current;

    SimulatedBroker(
            World world,
            int id,
            Map<String, String> texts,
            SimulatedNetwork network,
            InMemoryEnsemble ensemble,
            Loop ensembleLoop) {
        this.world = world;
        this.id = id;
        this.texts = Map.copyOf(texts);
        this.network = network;
        this.ensemble = ensemble;
        this.ensembleLoop = ensembleLoop;
        this.machine = network.machine(id, "broker-" + id);
        this.random = world.newRandom();
        this.sessionTimeoutMs = Long.parseLong(texts.getOrDefault("zookeeper.session.timeout.ms", "6000"));
        this.disk = new MemoryDisk(new Clock() {
            @Override
            public long wallMs() {
                return world.wallMs() + wallOffsetMs;
            }

            @Override
            public long monotonicNs() {
                return world.nowNs();
            }
        });
        if (network.flaw() == Flaw.FORCE_LIES) disk.forceNothing();
    }

    public int id() {
        return id;
    }

    public Machine machine() {
        return machine;
    }

    public MemoryDisk disk() {
        return disk;
    }

    /// Whether a process of it is there, be it paused or on its way up.
    public boolean isRunning() {
        Incarnation now = current;
        return now != null && now.process().isAlive();
    }

    /// Whether it lets clients in.
    public boolean isServing() {
        Incarnation now = current;
        return now != null && now.process().isAlive() && now.isServing();
    }

    public boolean isPaused() {
        Incarnation now = current;
        return now != null && now.process().isPaused();
    }

    /// The broker that runs; empty where none does.
    public Optional<BrokerCore> core() {
        Incarnation now = current;
        return now == null || !now.process().isAlive() ? Optional.empty() : Optional.of(now.core());
    }

    /// Its disk works by then: a log that cannot be opened at the start stays away until the next one.
    public void start() {
        wanted = true;
        if (isRunning()) return;
        network.powerOn(machine);
        mendDisk();
        tell("starts");
        Incarnation made = new Incarnation(
                world,
                id,
                ++incarnations,
                texts,
                disk,
                machine,
                network,
                ensemble.connect(sessionTimeoutMs),
                session -> pastSessions.contains(session),
                () -> ensemble.isLedBeside(id),
                this::onFailed);
        made.process().wallOffsetMs(wallOffsetMs);
        current = made;
        made.start();
    }

    private void onFailed(Incarnation failed, Throwable why) {
        if (!failed.equals(current) || !failed.process().isAlive()) return;
        tell("ends by itself: " + why);
        end(failed, disk.kill());
        world.after(SUPERVISOR_MS, () -> {
            if (wanted && !isRunning()) start();
        });
    }

    private void end(Incarnation ending, MemoryDisk left) {
        ending.process().kill();
        network.onProcessEnd(ending.process());
        pastSessions.add(ending.store().client().sessionId());
        ending.store().client().abandon();
        disk = left;
        current = null;
    }

    /// As `kill -9`: the machine and what its kernel holds stay.
    public void kill() {
        wanted = false;
        Incarnation now = current;
        if (now == null) return;
        tell("is killed");
        end(now, disk.kill());
    }

    /// Nothing more is wanted of it, and nobody is told.
    void leave() {
        Incarnation now = current;
        if (now != null) now.process().kill();
    }

    /// Something has damaged the disk of a broker that does not run.
    ///
    /// @param tearsTails also the logs themselves; else only what can be told from them
    public void damageDisk(boolean tearsTails) {
        if (isRunning()) throw new IllegalStateException("broker " + id + " runs");
        tell(tearsTails ? "has logs with torn tails" : "has lost files");
        Path data = Path.of(texts.getOrDefault("log.dirs", ""));
        if (!disk.isDirectory(data)) return;
        try {
            new DiskDamage(disk, random).damage(data, tearsTails);
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
    }

    /// The machine loses its power: what was not forced is gone or torn, and nobody is told.
    public void cutPower() {
        wanted = false;
        tell("loses its power");
        network.powerOff(machine);
        Incarnation now = current;
        MemoryDisk left = disk.crash(random);
        if (now == null) disk = left;
        else end(now, left);
    }

    /// As after TERM: hands over, closes its logs, and ends; killed where that takes too long.
    public void stop(long graceMs) {
        wanted = false;
        Incarnation now = current;
        if (now == null) return;
        tell("stops");
        Runnable ended = () -> {
            if (!now.equals(current)) return;
            tell("has stopped");
            end(now, disk.kill());
            if (wanted) start();
        };
        now.stop(ended);
        world.after(graceMs, ended);
    }

    /// As SIGSTOP.
    public void pause() {
        Incarnation now = current;
        if (now == null || now.process().isPaused()) return;
        tell("is paused");
        now.process().pause();
        world.after(sessionTimeoutMs, () -> {
            if (now.equals(current) && now.process().isPaused()) expireSession();
        });
    }

    public void resume() {
        Incarnation now = current;
        if (now == null || !now.process().isPaused()) return;
        tell("goes on");
        now.process().resume();
        ensembleLoop.run(now.store().client()::reconnect);
    }

    /// The session with the store ends, as if its client had been silent for too long.
    public void expireSession() {
        Incarnation now = current;
        if (now == null) return;
        tell("loses its session");
        pastSessions.add(now.store().client().sessionId());
        ensemble.expire(now.store().client());
        if (now.process().isPaused()) {
            // Nobody is there to make a new one.
            ensembleLoop.run(() -> {
                if (now.process().isPaused()) now.store().client().disconnect();
            });
        }
    }

    /// Cuts or mends the way to the store.
    public void storeReachable(boolean reachable) {
        Incarnation now = current;
        if (now == null) return;
        tell(reachable ? "reaches the store again" : "does not reach the store");
        if (reachable) now.store().client().reconnect();
        else now.store().client().disconnect();
    }

    /// What comes back from the store takes this long.
    public void storeLatencyMs(long ms) {
        Incarnation now = current;
        if (now != null) now.store().client().latencyMs(ms);
    }

    /// The next writes to the store are done, but their answers are lost with the connection.
    public void loseStoreReplies(int replies) {
        Incarnation now = current;
        if (now == null) return;
        tell("will not hear of its next write to the store");
        now.store().client().loseReplies(replies);
    }

    /// Its disk works, and has room.
    public void mendDisk() {
        boolean tells = world.findings().isToldInDetail();
        disk.hook(tells ? (operation, path, bytes) -> tell("disk: " + operation + " " + path + " " + bytes) : NOTHING);
        disk.capacityBytes(Long.MAX_VALUE);
    }

    public void stallDisk(long durationMs) {
        Incarnation now = current;
        if (now == null) return;
        tell("has a disk that stalls for " + durationMs + " ms");
        now.process().stallDisk(durationMs);
    }

    /// Its wall clock jumps to so much more than the true time.
    public void wallOffsetMs(long ms) {
        if (ms == wallOffsetMs) return;
        tell("has a clock that is " + ms + " ms ahead");
        wallOffsetMs = ms;
        Incarnation now = current;
        if (now != null) now.process().wallOffsetMs(ms);
    }

    private void tell(String what) {
        world.findings().tell("broker " + id + " " + what);
    }
}
