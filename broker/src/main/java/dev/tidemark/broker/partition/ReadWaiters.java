package dev.tidemark.broker.partition;

import java.util.ArrayList;
import java.util.List;

/// Readers that wait for more to read. Owner: the partition's serial.
final class ReadWaiters {
    private final List<ReadWaiter> waiters = new ArrayList<>(0);

    void add(ReadWaiter waiter) {
        waiters.add(waiter);
    }

    void remove(ReadWaiter waiter) {
        waiters.remove(waiter);
    }

    void wake(int bytes) {
        // By index and downwards: a reader that is satisfied may take itself out while this goes on.
        for (int i = waiters.size() - 1; i >= 0; i--) {
            waiters.get(i).onReadable(bytes);
        }
    }

    void clear() {
        waiters.clear();
    }
}
