package dev.tidemark.broker.core;

import dev.tidemark.base.disk.Disk;
import dev.tidemark.base.time.Clock;
import dev.tidemark.base.time.Loop;
import dev.tidemark.broker.peer.PeerTransport;
import dev.tidemark.storage.cleaner.PassWaits;
import java.util.concurrent.Executor;
import java.util.function.IntFunction;
import java.util.random.RandomGenerator;

/// The seams through which the world comes into a broker: real ones in a process, simulated ones in the simulator.
/// Whoever makes them ends them, after the broker has stopped.
///
/// @param loops a loop by any number: the numbers of partitions spread the work
/// @param background runs what may wait for the network
/// @param diskThreads run what may wait for the disk
/// @param cleanerThreads compact; a pass may take minutes; as many as there are tasks
/// @param cleanerWaits how these wait
/// @param replicaOrder one task at a time, in order; may wait for the disk
/// @param transport the way to other brokers
public record BrokerWorld(
        Disk disk,
        Clock clock,
        RandomGenerator random,
        IntFunction<Loop> loops,
        Executor background,
        Executor diskThreads,
        Executor cleanerThreads,
        PassWaits cleanerWaits,
        Executor replicaOrder,
        PeerTransport transport) {}
