package dev.tidemark.simulator.network;

import dev.tidemark.base.time.Loop;
import dev.tidemark.broker.dispatch.Connection;
import dev.tidemark.simulator.world.World;
import java.net.InetSocketAddress;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/// A broker's end of a connection: hands over one request at a time, and lets the replies leave in the order of the
/// requests.
final class ServerConnection implements Connection, Socket.Receiver {
    private static final int PIPELINED_MAX = 16;

    private final int number;
    private final Socket socket;
    private final Loop loop;
    private final ServerPort.Gate processor;
    private final World world;
    private final Deque<byte[]> waiting = new ArrayDeque<>();
    private final Deque<ServerExchange> line = new ArrayDeque<>();
    private @Nullable ServerExchange inHand;
    private @Nullable Object attachment;
    private boolean gone;

    ServerConnection(int number, Socket socket, Loop loop, ServerPort.Gate processor, World world) {
        this.number = number;
        this.socket = socket;
        this.loop = loop;
        this.processor = processor;
        this.world = world;
        socket.receiver(this);
    }

    @Override
    public void onFrame(byte[] frame) {
        waiting.add(frame);
        pump();
    }

    @Override
    public void onClosed() {
        end();
    }

    private void pump() {
        while (!gone && processor.isOpen() && inHand == null && line.size() < PIPELINED_MAX && !waiting.isEmpty()) {
            byte[] frame = waiting.remove();
            ServerExchange exchange = new ServerExchange(
                    this, flawed().understood(frame), loop.clock().monotonicNs());
            inHand = exchange;
            line.add(exchange);
            processor.onRequest(exchange);
            flawed().answerTooEarly(frame, exchange);
        }
    }

    FlawedServer flawed() {
        return socket.flawed();
    }

    void onOpened() {
        loop.run(this::pump);
    }

    /// The next request may come.
    void onNext(ServerExchange exchange) {
        if (!exchange.equals(inHand)) return;
        inHand = null;
        loop.run(this::pump);
    }

    /// An exchange has ended: what stands first in line may leave.
    void onEnd(ServerExchange exchange) {
        if (exchange.equals(inHand)) inHand = null;
        loop.run(() -> {
            flush();
            pump();
        });
    }

    private void flush() {
        while (!gone && !line.isEmpty() && line.peek().hasEnded()) {
            ServerExchange first = line.remove();
            String reason = first.closeReason();
            if (reason != null) {
                close(reason);
                return;
            }
            byte[] reply = first.reply();
            if (reply != null) socket.send(reply);
        }
    }

    @Override
    public String id() {
        return "connection " + number;
    }

    @Override
    public long number() {
        return flawed().numbered(number);
    }

    @Override
    public InetSocketAddress peer() {
        return InetSocketAddress.createUnresolved(socket.peerMachine().host(), 40_000);
    }

    @Override
    public String listener() {
        return "PLAINTEXT";
    }

    @Override
    public Loop loop() {
        return loop;
    }

    @Override
    public boolean isOpen() {
        return !gone;
    }

    @Override
    public void close(String reason) {
        loop.run(() -> {
            if (gone) return;
            world.findings().tell(id() + " from " + socket.peerMachine() + " is closed: " + reason);
            socket.close();
            end();
        });
    }

    private void end() {
        if (gone) return;
        gone = true;
        waiting.clear();
        line.forEach(ServerExchange::discard);
        line.clear();
        processor.onDisconnected(this);
    }

    @Override
    public @Nullable Object attachment() {
        return attachment;
    }

    @Override
    public void attach(Object newAttachment) {
        attachment = newAttachment;
    }
}
