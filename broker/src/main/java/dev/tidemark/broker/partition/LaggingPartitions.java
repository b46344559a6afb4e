package dev.tidemark.broker.partition;

import dev.tidemark.base.time.Loop;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;

/// The led partitions in which somebody waits for time to pass: a follower is behind, or an acknowledgement or the
/// controller's answer is awaited. One sweep looks at them; partitions at rest cost nothing, and without any there is
/// no timer. Any thread.
public final class LaggingPartitions {
    private static final long SWEEP_MS = 500;

    private final Loop loop;
    private final ConcurrentLinkedQueue<Partition> watched = new ConcurrentLinkedQueue<>();
    private final AtomicBoolean isDue = new AtomicBoolean();

    public LaggingPartitions(Loop loop) {
        this.loop = loop;
    }

    /// `partition` gets one [Partition#onTime] before long. Once per partition until then.
    void watch(Partition partition) {
        watched.add(partition);
        if (isDue.compareAndSet(false, true)) loop.runAfter(SWEEP_MS, this::sweep);
    }

    private void sweep() {
        isDue.set(false);
        List<Partition> due = new ArrayList<>();
        for (Partition next = watched.poll(); next != null; next = watched.poll()) due.add(next);
        for (Partition partition : due) partition.onTime();
    }
}
