package dev.tidemark.client.producer;

import dev.tidemark.base.Bytes;
import java.util.HashMap;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/// By the key where there is one; otherwise one partition until its batch is full, then another, so that batches fill.
public final class StickyPartitioner implements Partitioner {
    private final RandomGenerator random;
    private final Map<String, Integer> current = new HashMap<>();

    public StickyPartitioner(RandomGenerator random) {
        this.random = random;
    }

    @Override
    public int partition(ProducerRecord record, int partitions) {
        Bytes key = record.key();
        if (key != null) return Partitioner.ofKey(key, partitions);
        @Nullable Integer sticky = current.get(record.topic());
        if (sticky == null || sticky >= partitions) {
            sticky = random.nextInt(partitions);
            current.put(record.topic(), sticky);
        }
        return sticky;
    }

    @Override
    public void onBatchClosed(String topic) {
        current.remove(topic);
    }
}
