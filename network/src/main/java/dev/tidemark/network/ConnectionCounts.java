package dev.tidemark.network;

import java.net.InetAddress;
import java.util.HashMap;
import java.util.Map;

/// How many connections there are in all, per address, and per listener. Callable from any thread; entered twice in the
/// life of a connection, so a lock will do.
final class ConnectionCounts {
    private final Map<InetAddress, Integer> byAddress = new HashMap<>();
    private final Map<String, Integer> byListener = new HashMap<>();
    private volatile int total;

    /// Counts a new connection, unless there are already `perAddressMax` from its address.
    synchronized boolean tryAdd(InetAddress address, String listener, int perAddressMax) {
        int before = byAddress.getOrDefault(address, 0);
        if (before >= perAddressMax) return false;
        byAddress.put(address, before + 1);
        byListener.merge(listener, 1, Integer::sum);
        total++;
        return true;
    }

    synchronized void remove(InetAddress address, String listener) {
        byAddress.computeIfPresent(address, (_, count) -> count == 1 ? null : count - 1);
        byListener.merge(listener, -1, Integer::sum);
        total--;
        if (total == 0) notifyAll();
    }

    int total() {
        return total;
    }

    synchronized int of(String listener) {
        return byListener.getOrDefault(listener, 0);
    }

    /// @return whether the last connection has gone in time
    synchronized boolean awaitNone(long timeoutMs) throws InterruptedException {
        long deadlineNs = System.nanoTime() + timeoutMs * 1_000_000;
        while (total > 0) {
            long leftMs = (deadlineNs - System.nanoTime()) / 1_000_000;
            if (leftMs <= 0) return false;
            wait(leftMs);
        }
        return true;
    }
}
