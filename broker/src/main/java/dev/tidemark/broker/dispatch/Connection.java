package dev.tidemark.broker.dispatch;

import dev.tidemark.base.time.Loop;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/// A client's connection. Owner: its loop.
public interface Connection {
    /// Unique while the broker runs: for logs.
    String id();

    /// From 1 on, in the order in which the broker took its connections: of two of one client the later one has the
    /// larger number.
    long number();

    InetSocketAddress peer();

    /// The listener's name, as in `listeners=NAME://host:port`.
    String listener();

    Loop loop();

    boolean isOpen();

    /// Closes with one log line that gives `reason`. Callable from any thread.
    void close(String reason);

    /// What the dispatcher keeps per connection (client software, principal); used on the loop only.
    @Nullable
    Object attachment();

    void attach(Object attachment);
}
