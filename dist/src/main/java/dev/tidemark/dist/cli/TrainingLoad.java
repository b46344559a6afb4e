package dev.tidemark.dist.cli;

import dev.tidemark.base.Bytes;
import dev.tidemark.base.TopicPartition;
import dev.tidemark.client.ClientConfig;
import dev.tidemark.client.consumer.Consumer;
import dev.tidemark.client.consumer.ConsumerConfig;
import dev.tidemark.client.consumer.OffsetReset;
import dev.tidemark.client.producer.Producer;
import dev.tidemark.client.producer.ProducerConfig;
import dev.tidemark.client.producer.ProducerRecord;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/// Work for the broker while its ahead-of-time cache is recorded: the cache keeps what the compiler has learnt of the
/// hot methods, so that a fresh broker's are compiled once, well, and early.
final class TrainingLoad {
    static final String TOPIC = "training-load";
    static final int PARTITIONS = 6;
    static final String SPREAD_TOPIC = "training-spread";
    static final int SPREAD_PARTITIONS = 200;
    private static final int RECORD_BYTES = 1_024;
    private static final int STREAMED = 60_000;
    private static final int SINGLE = 20_000;
    private static final int SPREAD = 200_000;
    private static final int PASSED_ON = 3_000;
    private static final int REPLICATED = 30_000;
    private static final int REPLICATED_SINGLE = 5_000;
    private static final Duration POLL = Duration.ofMillis(200);
    private static final long READ_MS_MAX = 20_000;

    private final ClientConfig client;

    TrainingLoad(String broker) {
        this.client = ClientConfig.of(broker);
    }

    void run() throws InterruptedException {
        ProducerConfig batches = ProducerConfig.of(client);
        produce(batches.withAcks(1), STREAMED);
        produce(batches, STREAMED / 4);
        produce(batches.withAcks(1).withBatching(1, 0), SINGLE);
        consume(STREAMED + STREAMED / 4 + SINGLE);
        spread(batches.withAcks(1));
        passOn(batches.withAcks(1).withBatching(1, 0));
    }

    /// What three brokers do for acks=all.
    void runReplicated() throws InterruptedException {
        ProducerConfig batches = ProducerConfig.of(client);
        produce(batches, REPLICATED);
        produce(batches.withBatching(1, 0), REPLICATED_SINGLE);
        consume(REPLICATED + REPLICATED_SINGLE);
    }

    /// Requests of many small batches.
    private static void spread(ProducerConfig config) throws InterruptedException {
        Bytes value = Bytes.wrap(new byte[RECORD_BYTES / 4]);
        try (Producer producer = Producer.create(config)) {
            for (int i = 0; i < SPREAD; i++) {
                var _ = producer.send(to(SPREAD_TOPIC, i % SPREAD_PARTITIONS, value));
            }
            producer.flush();
        }
    }

    /// Records one by one to a consumer that waits for each.
    private void passOn(ProducerConfig config) throws InterruptedException {
        List<TopicPartition> partitions = List.of(new TopicPartition(TOPIC, 0));
        ProducerRecord record = to(TOPIC, 0, Bytes.wrap(new byte[RECORD_BYTES]));
        try (Producer producer = Producer.create(config);
                Consumer consumer = Consumer.create(ConsumerConfig.of(client))) {
            consumer.assign(partitions);
            consumer.seekTo(partitions, OffsetReset.LATEST);
            for (int i = 0; i < PASSED_ON; i++) {
                var _ = producer.send(record);
                var _ = consumer.poll(POLL);
            }
        }
    }

    private static ProducerRecord to(String topic, int partition, Bytes value) {
        return new ProducerRecord(topic, partition, null, null, value, List.of());
    }

    private static void produce(ProducerConfig config, int records) throws InterruptedException {
        Bytes value = Bytes.wrap(new byte[RECORD_BYTES]);
        try (Producer producer = Producer.create(config)) {
            for (int i = 0; i < records; i++) {
                var _ = producer.send(ProducerRecord.of(TOPIC, null, value));
            }
            producer.flush();
        }
    }

    private void consume(int records) throws InterruptedException {
        List<TopicPartition> partitions = new ArrayList<>();
        for (int i = 0; i < PARTITIONS; i++) partitions.add(new TopicPartition(TOPIC, i));
        long deadlineNs = System.nanoTime() + READ_MS_MAX * 1_000_000;
        try (Consumer consumer = Consumer.create(ConsumerConfig.of(client))) {
            consumer.assign(partitions);
            consumer.seekTo(partitions, OffsetReset.EARLIEST);
            int left = records;
            while (left > 0 && System.nanoTime() < deadlineNs)
                left -= consumer.poll(POLL).size();
        }
    }
}
