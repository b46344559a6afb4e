package dev.tidemark.network;

import dev.tidemark.broker.dispatch.Connection;
import dev.tidemark.broker.dispatch.Exchange;
import dev.tidemark.broker.dispatch.RequestProcessor;
import dev.tidemark.protocol.ApiKey;
import dev.tidemark.protocol.message.HeartbeatResponse;
import java.nio.ByteBuffer;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/// A processor that does with each request what the test says, by default an echo of its correlation id.
final class Scripted implements RequestProcessor {
    static final short V0 = 0;

    final BlockingQueue<Exchange> held = new LinkedBlockingQueue<>();
    final AtomicLong requests = new AtomicLong();
    final AtomicLong badFills = new AtomicLong();
    final AtomicInteger disconnects = new AtomicInteger();
    volatile Consumer<Exchange> script = Scripted::echo;
    private volatile boolean isOver;

    @Override
    public void onRequest(Exchange exchange) {
        requests.incrementAndGet();
        if (!hasRightFill(exchange.frame())) badFills.incrementAndGet();
        script.accept(exchange);
    }

    @Override
    public void onDisconnected(Connection connection) {
        disconnects.incrementAndGet();
    }

    static int correlationId(Exchange exchange) {
        return exchange.frame().getInt(exchange.frame().position() + 4);
    }

    static void echo(Exchange exchange) {
        exchange.reply(ApiKey.HEARTBEAT, V0, correlationId(exchange), heartbeat());
    }

    static HeartbeatResponse heartbeat() {
        return HeartbeatResponse.builder().errorCode((short) 7).build();
    }

    void hold(Exchange exchange) {
        held.add(exchange);
        if (isOver) letGo();
    }

    /// Gives back what is held, and what a loop still finds in a socket afterwards.
    void letGo() {
        isOver = true;
        for (Exchange each = held.poll(); each != null; each = held.poll()) each.noReply();
    }

    Exchange takeHeld() throws InterruptedException {
        Exchange exchange = held.poll(60, TimeUnit.SECONDS);
        if (exchange == null) throw new AssertionError("no request came");
        return exchange;
    }

    private static boolean hasRightFill(ByteBuffer frame) {
        byte fill = frame.get(frame.position() + 7);
        for (int i = frame.position() + 8; i < frame.limit(); i++) {
            if (frame.get(i) != fill) return false;
        }
        return true;
    }
}
