package dev.tidemark.bench.load;

import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/// The program that commits one transaction after the other with Kafka's producer, as fast as it goes.
///
/// Arguments: bootstrap, topic, partitions, records of each transaction, whether there are transactions at all (else
/// each so many records are flushed), seconds to warm up, seconds to measure. Prints one line, see
/// [TransactionResult].
public final class TransactionProbe {
    private static final int RECORD_BYTES = 100;
    private static final long HIGHEST_MICROS = 60_000_000;

    private final String bootstrap;
    private final String topic;
    private final int partitions;
    private final int records;
    private final boolean transactional;
    private final long warmupNs;
    private final long measuredNs;
    private final Histogram commits = new Histogram(HIGHEST_MICROS, 3);
    private int nextPartition;

    private TransactionProbe(String[] args) {
        bootstrap = args[0];
        topic = args[1];
        partitions = Integer.parseInt(args[2]);
        records = Integer.parseInt(args[3]);
        transactional = Boolean.parseBoolean(args[4]);
        warmupNs = TimeUnit.SECONDS.toNanos(Long.parseLong(args[5]));
        measuredNs = TimeUnit.SECONDS.toNanos(Long.parseLong(args[6]));
    }

    public static void main(String[] args) {
        System.out.println(new TransactionProbe(args).run().toLine());
    }

    private TransactionResult run() {
        try (KafkaProducer<byte[], byte[]> producer = producer()) {
            if (transactional) producer.initTransactions();
            for (long startNs = System.nanoTime(); System.nanoTime() - startNs < warmupNs; ) write(producer);
            commits.reset();
            long count = 0;
            long startNs = System.nanoTime();
            while (System.nanoTime() - startNs < measuredNs) {
                write(producer);
                count++;
            }
            double perSecond = count * 1e9 / (System.nanoTime() - startNs);
            return new TransactionResult(perSecond, commits.getValueAtPercentile(99) / 1000.0);
        }
    }

    private void write(KafkaProducer<byte[], byte[]> producer) {
        if (transactional) producer.beginTransaction();
        for (int i = 0; i < records; i++) {
            nextPartition = (nextPartition + 1) % partitions;
            var _ = producer.send(new ProducerRecord<>(topic, nextPartition, null, new byte[RECORD_BYTES]));
        }
        long commitNs = System.nanoTime();
        if (transactional) producer.commitTransaction();
        else producer.flush();
        commits.recordValue((System.nanoTime() - commitNs) / 1000);
    }

    private KafkaProducer<byte[], byte[]> producer() {
        Map<String, Object> settings = new HashMap<>(
                Map.of("bootstrap.servers", bootstrap, "acks", "all", "linger.ms", "0", "enable.idempotence", "true"));
        if (transactional) settings.put("transactional.id", "probe-" + records);
        return new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer());
    }
}
