package dev.tidemark.network;

import dev.tidemark.base.time.Clock;
import dev.tidemark.base.time.Loop;
import io.netty.channel.EventLoop;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/// A Netty event loop behind the seam: one thread that serves connections, tasks and timers.
public final class NettyLoop implements Loop {
    private final EventLoop eventLoop;

    NettyLoop(EventLoop eventLoop) {
        this.eventLoop = eventLoop;
    }

    @Override
    public void run(Runnable task) {
        eventLoop.execute(task);
    }

    @Override
    public Timer runAfter(long delayMs, Runnable task) {
        return new NettyTimer(eventLoop.schedule(task, delayMs, TimeUnit.MILLISECONDS));
    }

    @Override
    public Clock clock() {
        return Clock.SYSTEM;
    }

    /// Whether the caller runs on this loop's thread.
    public boolean isCurrent() {
        return eventLoop.inEventLoop();
    }

    EventLoop eventLoop() {
        return eventLoop;
    }

    private record NettyTimer(Future<?> future) implements Timer {
        @Override
        public void cancel() {
            future.cancel(false);
        }
    }
}
