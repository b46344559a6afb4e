package dev.tidemark.broker.dispatch;

/// What the network hands requests to.
public interface RequestProcessor {
    /// Called on the connection's loop, in the order in which the requests came. Must not block.
    void onRequest(Exchange exchange);

    /// The connection is gone; called on its loop, once. Replies given afterwards go nowhere.
    void onDisconnected(Connection connection);
}
