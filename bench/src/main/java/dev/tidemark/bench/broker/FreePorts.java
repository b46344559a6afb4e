package dev.tidemark.bench.broker;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;

/// Ports of the loopback address that nobody listens on now.
///
/// They lie below those that the kernel gives out by itself, and this process gives out none twice before it has come
/// round: what is given out here is bound only when a process has started, or started again, and must not have
/// become another socket's meanwhile.
public final class FreePorts {
    private static final int FIRST = 10_000;

    /// Linux's `ip_local_port_range` begins here.
    private static final int END = 32_768;

    /// Chosen at random, so that processes that run at the same time rarely meet.
    private static final AtomicInteger NEXT =
            new AtomicInteger(ThreadLocalRandom.current().nextInt(FIRST, END));

    private FreePorts() {}

    public static int[] take(int count) {
        int[] ports = new int[count];
        for (int i = 0; i < count; i++) ports[i] = take();
        return ports;
    }

    private static int take() {
        for (int tried = FIRST; tried < END; tried++) {
            int port = NEXT.getAndUpdate(last -> last + 1 < END ? last + 1 : FIRST);
            if (isFree(port)) return port;
        }
        throw new IllegalStateException("no free port from " + FIRST + " to " + END);
    }

    private static boolean isFree(int port) {
        try (ServerSocket probe = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
            return probe.isBound();
        } catch (IOException taken) {
            return false;
        }
    }
}
