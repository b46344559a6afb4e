package dev.tidemark.network;

import org.jspecify.annotations.Nullable;

/// The requests of a connection in the order in which they came, until their replies have left. Owner: the connection.
final class ExchangeLine {
    private @Nullable NettyExchange first;
    private @Nullable NettyExchange last;
    private int count;
    private long frameBytes;
    private int largeReplies;

    @Nullable
    NettyExchange first() {
        return first;
    }

    boolean isEmpty() {
        return first == null;
    }

    int count() {
        return count;
    }

    /// What the frames of those in line held when they came.
    long frameBytes() {
        return frameBytes;
    }

    /// Whether a reply that may be large stays here until those before it have left.
    boolean holdsLargeReply() {
        return largeReplies > 0;
    }

    void onEnd(NettyExchange ended) {
        if (ended.mayBeLarge()) largeReplies++;
    }

    void join(NettyExchange exchange) {
        NettyExchange before = last;
        if (before == null) first = exchange;
        else before.following = exchange;
        last = exchange;
        count++;
        frameBytes += exchange.frameBytes();
    }

    void leave(NettyExchange firstInLine) {
        first = firstInLine.following;
        if (first == null) last = null;
        count--;
        frameBytes -= firstInLine.frameBytes();
        if (firstInLine.mayBeLarge()) largeReplies--;
    }

    /// Sends everybody home.
    ///
    /// @return the first, who leads to the others
    @Nullable
    NettyExchange clear() {
        NettyExchange gone = first;
        first = null;
        last = null;
        count = 0;
        frameBytes = 0;
        largeReplies = 0;
        return gone;
    }
}
