package dev.tidemark.bench.load;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/// Writes numbered records at a steady rate, round about the partitions of a topic, with Kafka's idempotent producer at
/// acks=all and its default time-outs; remembers what was acknowledged, and tells how long each partition took no
/// record after a fault.
///
/// Owner: the thread that made it; a thread of its own sends, the producer's thread tells the outcomes.
public final class SequenceWriter implements AutoCloseable {
    private static final int RECORD_BYTES_MIN = 8;
    /// Each partition has a batch of 16 KiB waiting while nobody leads it, and others under way. Of the default of 32
    /// MB nothing would be left for 2,000 partitions, and sending would stop.
    private static final long BUFFER_BYTES = 256L << 20;

    /// A record and what became of it.
    private record Acknowledged(int partition, long number, long offset) {}

    private final String topic;
    private final int partitions;
    private final long intervalNs;
    private final int recordBytes;
    private final KafkaProducer<byte[], byte[]> producer;
    private final long[] nextNumber;
    private final AtomicLongArray firstAckNs;
    private final ConcurrentLinkedQueue<Acknowledged> acknowledged = new ConcurrentLinkedQueue<>();
    private final ConcurrentLinkedQueue<String> refused = new ConcurrentLinkedQueue<>();
    private final Thread sender;
    private volatile long markNs = Long.MAX_VALUE;
    private volatile boolean stopping;

    /// @param properties of the producer, over its defaults
    public SequenceWriter(
            String bootstrap, String topic, int partitions, int perSecond, Map<String, Object> properties) {
        this.topic = topic;
        this.partitions = partitions;
        this.intervalNs = 1_000_000_000L / perSecond;
        this.recordBytes = 100;
        this.nextNumber = new long[partitions];
        this.firstAckNs = new AtomicLongArray(partitions);
        Map<String, Object> all = new HashMap<>(properties);
        all.put("bootstrap.servers", bootstrap);
        all.put("acks", "all");
        all.put("enable.idempotence", true);
        all.putIfAbsent("buffer.memory", BUFFER_BYTES);
        this.producer = new KafkaProducer<>(all, new ByteArraySerializer(), new ByteArraySerializer());
        this.sender = Thread.ofPlatform().daemon().name("sequence-writer").start(this::sendAll);
    }

    private void sendAll() {
        long dueNs = System.nanoTime();
        for (int partition = 0; !stopping; partition = (partition + 1) % partitions) {
            send(partition);
            dueNs += intervalNs;
            for (long left = dueNs - System.nanoTime(); left > 0 && !stopping; left = dueNs - System.nanoTime()) {
                LockSupport.parkNanos(left);
            }
        }
    }

    private synchronized void send(int partition) {
        if (stopping) return;
        long number = nextNumber[partition]++;
        byte[] value = ByteBuffer.allocate(Math.max(RECORD_BYTES_MIN, recordBytes))
                .putLong(number)
                .array();
        long sentNs = System.nanoTime();
        var _ = producer.send(new ProducerRecord<>(topic, partition, null, value), (metadata, failure) -> {
            if (failure != null) {
                refused.add(topic + "-" + partition + " number " + number + ": " + failure);
                return;
            }
            acknowledged.add(new Acknowledged(partition, number, metadata.offset()));
            if (sentNs >= markNs) firstAckNs.compareAndSet(partition, 0, System.nanoTime());
        });
    }

    /// From now on counts how long it takes until every partition has acknowledged a record that is sent after this.
    public void mark() {
        for (int i = 0; i < partitions; i++) firstAckNs.set(i, 0);
        markNs = System.nanoTime();
    }

    /// Waits until every partition has acknowledged a record that was sent after the [#mark].
    ///
    /// @return from the mark to the last partition's first acknowledgement
    public Duration awaitAckOfAll(Duration limit) throws IOException, InterruptedException {
        for (int partition = 0; partition < partitions; partition++) send(partition);
        long deadlineNs = markNs + limit.toNanos();
        long lastNs = markNs;
        for (int partition = 0; partition < partitions; partition++) {
            while (firstAckNs.get(partition) == 0) {
                if (System.nanoTime() > deadlineNs) throw silent(limit);
                TimeUnit.MILLISECONDS.sleep(2);
            }
            lastNs = Math.max(lastNs, firstAckNs.get(partition));
        }
        return Duration.ofNanos(lastNs - markNs);
    }

    private IOException silent(Duration limit) {
        List<Integer> silent = IntStream.range(0, partitions)
                .filter(partition -> firstAckNs.get(partition) == 0)
                .boxed()
                .toList();
        return new IOException(
                silent.size() + " of " + partitions + " partitions of " + topic + " acknowledged nothing for "
                        + limit.toSeconds() + " s, among them "
                        + silent.stream().limit(3).toList() + "; refused: "
                        + refused.stream().limit(3).toList());
    }

    /// Stops sending and waits for the outcome of all that was sent.
    public void finish() throws InterruptedException {
        stopping = true;
        sender.join();
        producer.flush();
    }

    /// Offsets of acknowledged records by their number, for each partition.
    public List<NavigableMap<Long, Long>> acknowledged() {
        List<NavigableMap<Long, Long>> all = new java.util.ArrayList<>();
        for (int i = 0; i < partitions; i++) all.add(new TreeMap<>());
        for (Acknowledged each : acknowledged) all.get(each.partition()).put(each.number(), each.offset());
        return all;
    }

    /// Records that the producer gave up, in words.
    public List<String> refused() {
        return List.copyOf(refused);
    }

    /// What a record's value says its number is.
    public static long numberOf(byte[] value) {
        return ByteBuffer.wrap(value).getLong();
    }

    @Override
    public void close() {
        stopping = true;
        producer.close(Duration.ofSeconds(5));
    }
}
