package dev.tidemark.client.producer;

import dev.tidemark.base.serial.Serial;
import dev.tidemark.client.BrokerErrorException;
import dev.tidemark.client.ClientException;
import dev.tidemark.client.ClosedException;
import dev.tidemark.client.TimedOutException;
import dev.tidemark.client.UnreachableException;
import dev.tidemark.client.cluster.Await;
import dev.tidemark.client.cluster.ClusterClient;
import dev.tidemark.client.cluster.ThreadLoop;
import dev.tidemark.client.network.SocketTransport;
import dev.tidemark.client.network.Transport;
import dev.tidemark.protocol.ErrorCode;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/// Writes records. Used by any thread; records of one thread to one partition keep their order.
///
/// A record's memory is counted from [#send] until its future completes, and `bufferBytesMax` bounds it. Futures
/// complete on a thread of the producer, one after another: what hangs on them must not block, or delivery stands
/// still.
public final class Producer implements AutoCloseable {
    private static final int CLOSE_MS_MAX = 30_000;

    private final ProducerConfig config;
    private final ClusterClient cluster;
    private final ThreadLoop loop;
    private final Semaphore memory;
    private final Sender sender;
    private final List<ProducerInterceptor> interceptors;

    private Producer(
            ProducerConfig config,
            Transport transport,
            Partitioner partitioner,
            List<ProducerInterceptor> interceptors) {
        this.config = config;
        this.cluster = new ClusterClient(config.client(), transport);
        this.loop = new ThreadLoop("tidemark-producer");
        this.memory = new Semaphore(config.bufferBytesMax(), true);
        this.interceptors = List.copyOf(interceptors);
        this.sender = new Sender(config, cluster, loop, partitioner, memory);
    }

    public static Producer create(ProducerConfig config) {
        return create(config, new StickyPartitioner(new SplittableRandom()), List.of());
    }

    public static Producer create(
            ProducerConfig config, Partitioner partitioner, List<ProducerInterceptor> interceptors) {
        return create(config, new SocketTransport(config.client()), partitioner, interceptors);
    }

    static Producer create(
            ProducerConfig config,
            Transport transport,
            Partitioner partitioner,
            List<ProducerInterceptor> interceptors) {
        return new Producer(config, transport, partitioner, interceptors);
    }

    /// Finds a broker, so that a wrong address is known before there is anything to deliver: records wait for brokers
    /// that are away.
    ///
    /// @throws UnreachableException if no address leads to one
    public void connect() throws InterruptedException {
        Await.await(cluster.refresh(List.of(), false), config.client().apiTimeoutMs());
    }

    /// Takes the record into a batch. The future tells where it was written, or fails with a [ClientException].
    /// Blocks while the memory for waiting records is used up.
    ///
    /// @throws TimedOutException if the memory did not become free in time
    public CompletableFuture<RecordMetadata> send(ProducerRecord given) throws InterruptedException {
        ProducerRecord record = given;
        for (ProducerInterceptor interceptor : interceptors) record = interceptor.onSend(record);
        CompletableFuture<RecordMetadata> future = new CompletableFuture<>();
        observe(record, future);
        int bytes = record.bytesMax();
        if (bytes > config.requestBytesMax() || bytes > config.bufferBytesMax()) {
            future.completeExceptionally(new BrokerErrorException(
                    ErrorCode.MESSAGE_TOO_LARGE,
                    "the record takes " + bytes + " bytes; the producer is configured for "
                            + Math.min(config.requestBytesMax(), config.bufferBytesMax()) + " at most"));
            return future;
        }
        if (!memory.tryAcquire(bytes) && !memory.tryAcquire(bytes, config.blockMsMax(), TimeUnit.MILLISECONDS))
            throw new TimedOutException("no room for another record within " + config.blockMsMax()
                    + " ms: the brokers take less than is sent");
        Long timestamp = record.timestampMs();
        long timestampMs = timestamp == null ? loop.clock().wallMs() : timestamp;
        Batch.Sent sent = new Batch.Sent(record, timestampMs, loop.clock().monotonicMs(), future);
        try {
            sender.execute(() -> sender.append(sent));
        } catch (Serial.StoppedException stopped) {
            future.completeExceptionally(new ClosedException("the producer failed earlier"));
        }
        return future;
    }

    private void observe(ProducerRecord record, CompletableFuture<RecordMetadata> future) {
        if (interceptors.isEmpty()) return;
        Await.whenDone(future, (metadata, failure) -> {
            RuntimeException reason = failure == null ? null : Await.clientException(failure);
            for (ProducerInterceptor interceptor : interceptors) interceptor.onDelivered(record, metadata, reason);
        });
    }

    /// Sends what waits, and returns when all of it has been delivered or has failed.
    public void flush() throws InterruptedException {
        CompletableFuture<Void> flushed = new CompletableFuture<>();
        sender.execute(() -> sender.flush(flushed));
        Await.await(flushed, config.deliveryTimeoutMs() + config.client().requestTimeoutMs());
    }

    /// Delivers what waits, for half a minute at most; what is left fails.
    @Override
    public void close() {
        CompletableFuture<Void> flushed = new CompletableFuture<>();
        try {
            sender.execute(() -> sender.flush(flushed));
            Await.await(flushed, Math.min(CLOSE_MS_MAX, config.deliveryTimeoutMs()));
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        } catch (ClientException | Serial.StoppedException late) {
            // What is left fails below.
        }
        try {
            sender.execute(sender::close);
        } catch (Serial.StoppedException stopped) {
            // Then everything has failed already.
        }
        cluster.close();
        loop.close();
    }
}
