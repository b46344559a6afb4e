package dev.tidemark.bench.load;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.HdrHistogram.ConcurrentHistogram;
import org.HdrHistogram.Histogram;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/// The program that measures latency at a fixed rate: one producer that never waits for an answer, one consumer, both
/// Kafka's own. It does what `kafka-e2e-latency` does, in microseconds and at a given rate, where that tool rounds to
/// milliseconds and sends a record only after the one before has come back.
///
/// Arguments: bootstrap, topic, acks, records per second, seconds to warm up, seconds to measure. Prints one line of
/// percentiles, see [LatencyResult].
public final class LatencyProbe {
    private static final int RECORD_BYTES = 1024;
    private static final long HIGHEST_MICROS = 60_000_000;

    private final String bootstrap;
    private final String topic;
    private final String acks;
    private final long intervalNs;
    private final long warmupRecords;
    private final long records;
    private final Histogram produce = new ConcurrentHistogram(HIGHEST_MICROS, 3);
    private final Histogram endToEnd = new Histogram(HIGHEST_MICROS, 3);
    private final AtomicLong failed = new AtomicLong();

    private LatencyProbe(String[] args) {
        bootstrap = args[0];
        topic = args[1];
        acks = args[2];
        long perSecond = Long.parseLong(args[3]);
        intervalNs = 1_000_000_000L / perSecond;
        warmupRecords = perSecond * Long.parseLong(args[4]);
        records = warmupRecords + perSecond * Long.parseLong(args[5]);
    }

    public static void main(String[] args) throws InterruptedException {
        LatencyResult result = new LatencyProbe(args).run();
        System.out.println(result.toLine());
    }

    private LatencyResult run() throws InterruptedException {
        try (KafkaConsumer<byte[], byte[]> consumer = consumer();
                KafkaProducer<byte[], byte[]> producer = producer()) {
            TopicPartition partition = new TopicPartition(topic, 0);
            consumer.assign(List.of(partition));
            consumer.seekToBeginning(List.of(partition));
            consumer.position(partition);
            Thread sender = Thread.ofPlatform().start(() -> send(producer));
            receive(consumer);
            sender.join();
        }
        if (failed.get() > 0) throw new IllegalStateException(failed + " records were not acknowledged");
        return LatencyResult.of(produce, endToEnd);
    }

    private void send(KafkaProducer<byte[], byte[]> producer) {
        long start = System.nanoTime();
        for (long i = 0; i < records; i++) {
            long dueNs = start + i * intervalNs;
            for (long left = dueNs - System.nanoTime(); left > 0; left = dueNs - System.nanoTime()) {
                LockSupport.parkNanos(left);
            }
            boolean measured = i >= warmupRecords;
            long sentNs = System.nanoTime();
            var _ = producer.send(new ProducerRecord<>(topic, 0, null, payload(i, sentNs)), (metadata, e) -> {
                if (e != null) failed.incrementAndGet();
                else if (measured) produce.recordValue((System.nanoTime() - sentNs) / 1000);
            });
        }
        producer.flush();
    }

    private void receive(KafkaConsumer<byte[], byte[]> consumer) {
        long seen = 0;
        long lastProgressNs = System.nanoTime();
        while (seen < records) {
            for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(500))) {
                long nowNs = System.nanoTime();
                lastProgressNs = nowNs;
                ByteBuffer value = ByteBuffer.wrap(record.value());
                if (value.getLong() != seen++) throw new IllegalStateException("a record is missing before " + record);
                if (seen > warmupRecords) endToEnd.recordValue((nowNs - value.getLong()) / 1000);
            }
            if (System.nanoTime() - lastProgressNs > Duration.ofSeconds(30).toNanos()) {
                throw new IllegalStateException("no record for 30 s after " + seen);
            }
        }
    }

    private static byte[] payload(long index, long sentNs) {
        return ByteBuffer.allocate(RECORD_BYTES).putLong(index).putLong(sentNs).array();
    }

    private KafkaProducer<byte[], byte[]> producer() {
        return new KafkaProducer<>(
                Map.of("bootstrap.servers", bootstrap, "acks", acks, "linger.ms", "0", "enable.idempotence", "false"),
                new ByteArraySerializer(),
                new ByteArraySerializer());
    }

    private KafkaConsumer<byte[], byte[]> consumer() {
        return new KafkaConsumer<>(
                Map.of("bootstrap.servers", bootstrap, "enable.auto.commit", "false"),
                new ByteArrayDeserializer(),
                new ByteArrayDeserializer());
    }
}
