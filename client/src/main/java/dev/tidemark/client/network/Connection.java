package dev.tidemark.client.network;

import dev.tidemark.client.BrokerAddress;
import dev.tidemark.client.ClientConfig;
import dev.tidemark.client.ClientException;
import dev.tidemark.client.DisconnectedException;
import dev.tidemark.client.TimedOutException;
import dev.tidemark.protocol.codec.MalformedException;
import dev.tidemark.protocol.codec.UnsupportedVersionException;
import dev.tidemark.protocol.message.Response;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/// One connection to a broker, with any number of requests under way.
///
/// Owners: a virtual thread connects, asks for the broker's versions, then writes what [#send] queued, in that order;
/// another reads, and completes the requests in the order in which they were written, as brokers answer. Whoever finds
/// the connection broken closes it, once, and with that fails all that waits. A request whose time is over breaks the
/// connection: the place of its answer among the others is lost.
final class Connection {
    private final BrokerAddress address;
    private final ClientConfig config;
    private final BlockingQueue<Pending<?>> toWrite = new LinkedBlockingQueue<>();
    private final ConcurrentLinkedQueue<Pending<?>> toAnswer = new ConcurrentLinkedQueue<>();
    private final AtomicReference<@Nullable String> closedBecause = new AtomicReference<>();

    private final AtomicInteger correlationIds = new AtomicInteger();

    @Nullable
    private volatile FrameChannel channel;

    @Nullable
    private volatile Thread writer;

    /// A request on its way. `version` is chosen by the writer before the reader can see the request.
    private static final class Pending<R extends Response> {
        final Call<R> call;
        final CompletableFuture<R> future = new CompletableFuture<>();
        final int correlationId;
        short version;

        Pending(Call<R> call, int correlationId) {
            this.call = call;
            this.correlationId = correlationId;
        }

        void answer(Response response) {
            future.complete(call.responseType().cast(response));
        }
    }

    private Connection(BrokerAddress address, ClientConfig config) {
        this.address = address;
        this.config = config;
    }

    /// Begins to connect; requests may be sent at once.
    static Connection open(BrokerAddress address, ClientConfig config) {
        Connection connection = new Connection(address, config);
        Thread writer = Thread.ofVirtual().name("tidemark-write " + address).unstarted(connection::connectAndWrite);
        connection.writer = writer;
        writer.start();
        return connection;
    }

    boolean isOpen() {
        return closedBecause.get() == null;
    }

    <R extends Response> CompletableFuture<R> send(Call<R> call) {
        Pending<R> pending = new Pending<>(call, correlationIds.getAndIncrement());
        toWrite.add(pending);
        if (!isOpen()) failWaiting(); // The closing may have missed it.
        if (!call.isAnswered()) return pending.future;
        return pending.future
                .orTimeout(call.timeoutMs(), TimeUnit.MILLISECONDS)
                .exceptionallyCompose(failure -> CompletableFuture.failedFuture(explain(failure, call)));
    }

    private ClientException explain(Throwable failure, Call<?> call) {
        if (failure instanceof TimeoutException) {
            String message = address + " did not answer " + call.api() + " within " + call.timeoutMs() + " ms";
            close(message);
            return new TimedOutException(message);
        }
        if (failure instanceof ClientException known) return known;
        return new DisconnectedException(address + ": " + failure);
    }

    private void connectAndWrite() {
        try {
            FrameChannel opened = FrameChannel.connect(address, config);
            channel = opened;
            if (!isOpen()) opened.close(); // Closed while it connected.
            Versions versions = Versions.ask(opened);
            Thread.ofVirtual().name("tidemark-read " + address).start(() -> read(opened));
            while (isOpen()) write(toWrite.take(), opened, versions);
        } catch (IOException | MalformedException failure) {
            close(reason(failure));
        } catch (InterruptedException interrupted) {
            close("interrupted");
        } catch (RuntimeException | Error bug) {
            close("failed: " + bug);
            throw bug;
        }
    }

    private void write(Pending<?> pending, FrameChannel opened, Versions versions) throws IOException {
        if (pending.future.isDone()) return; // Its time was over before its turn.
        ByteBuffer[] frame;
        try {
            pending.version = versions.choose(pending.call, address);
            frame = RequestFrame.of(pending.call, pending.version, pending.correlationId, config.clientId());
        } catch (UnsupportedVersionException | ClientException refused) {
            pending.future.completeExceptionally(
                    refused instanceof ClientException known ? known : Versions.unsupported(refused, address));
            return;
        }
        if (pending.call.isAnswered()) toAnswer.add(pending);
        opened.write(frame);
        if (!pending.call.isAnswered()) pending.future.complete(null);
    }

    private void read(FrameChannel opened) {
        try {
            while (isOpen()) {
                ByteBuffer frame = opened.read();
                Pending<?> pending = toAnswer.poll();
                if (pending == null) throw new MalformedException("an answer that nobody asked for");
                pending.answer(ResponseFrame.decode(frame, pending.call.api(), pending.version, pending.correlationId));
            }
        } catch (IOException | MalformedException failure) {
            close(reason(failure));
        } catch (RuntimeException | Error bug) {
            close("failed: " + bug);
            throw bug;
        }
    }

    private static String reason(Exception failure) {
        String message = failure.getMessage();
        if (failure instanceof MalformedException) return "answer is not Kafka's protocol: " + message;
        if (message == null) return failure.getClass().getSimpleName();
        return message.startsWith("Connection refused") ? "connection refused" : message;
    }

    /// Callable from any thread, more than once; the first reason counts.
    void close(String reason) {
        if (!closedBecause.compareAndSet(null, reason)) return;
        FrameChannel opened = channel;
        if (opened != null) opened.close();
        Thread writing = writer;
        if (writing != null) writing.interrupt();
        failWaiting();
    }

    private void failWaiting() {
        DisconnectedException failure = new DisconnectedException(address + ": " + closedBecause.get());
        for (var queue : List.of(toAnswer, toWrite)) {
            for (Pending<?> pending = queue.poll(); pending != null; pending = queue.poll())
                pending.future.completeExceptionally(failure);
        }
    }
}
