package dev.tidemark.network;

import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.EventExecutorChooserFactory;

/// Chooses the loop of a new connection. The first few share one: what a producer appends there wakes the fetch of a
/// consumer beside it without another thread in between, which is most of what a record's way costs on a quiet broker.
/// When all loops have that many, the one with the fewest is next. Any thread.
final class Seats implements EventExecutorChooserFactory, EventExecutorChooserFactory.EventExecutorChooser {
    /// Two clients' worth: each has one connection from looking for the cluster, and one for work.
    static final int TOGETHER = 4;

    private EventExecutor[] loops = {};
    private int[] taken = {};

    @Override
    public synchronized EventExecutorChooser newChooser(EventExecutor[] executors) {
        loops = executors.clone();
        taken = new int[loops.length];
        return this;
    }

    /// Takes a seat, to be given back by [#leave].
    @Override
    public synchronized EventExecutor next() {
        int chosen = 0;
        for (int i = 0; i < taken.length && taken[chosen] >= TOGETHER; i++) {
            if (taken[i] < TOGETHER || taken[i] < taken[chosen]) chosen = i;
        }
        taken[chosen]++;
        return loops[chosen];
    }

    @SuppressWarnings("ReferenceEquality") // Loops are what they are.
    synchronized void leave(EventExecutor loop) {
        for (int i = 0; i < loops.length; i++) {
            if (loops[i] == loop) taken[i]--;
        }
    }
}
