package dev.tidemark.compatibility.torture;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.jspecify.annotations.Nullable;

/// All that consumers see of a topic.
///
/// @param starts for each partition, where its log starts once all was read: retention goes on meanwhile
/// @param records for each partition, the records by their offset
record TopicContent(Map<Integer, Long> starts, Map<Integer, NavigableMap<Long, Seen>> records) {
    /// @param value null for a tombstone
    record Seen(String key, @Nullable String value) {}

    static TopicContent read(String bootstrap, String topic) {
        Map<Integer, Long> starts = new TreeMap<>();
        Map<Integer, NavigableMap<Long, Seen>> records = new TreeMap<>();
        Map<String, Object> settings = Map.of("bootstrap.servers", bootstrap, "auto.offset.reset", "earliest");
        try (var consumer = new KafkaConsumer<>(settings, new StringDeserializer(), new StringDeserializer())) {
            List<TopicPartition> all = new ArrayList<>();
            consumer.partitionsFor(topic).forEach(info -> all.add(new TopicPartition(topic, info.partition())));
            consumer.assign(all);
            consumer.seekToBeginning(all);
            Map<TopicPartition, Long> ends = consumer.endOffsets(all);
            for (TopicPartition one : all) records.put(one.partition(), new TreeMap<>());
            long deadlineNs = System.nanoTime() + Duration.ofMinutes(1).toNanos();
            while (ends.entrySet().stream().anyMatch(end -> consumer.position(end.getKey()) < end.getValue())) {
                assertThat(System.nanoTime()).as("the time to read %s", topic).isLessThan(deadlineNs);
                for (ConsumerRecord<String, String> record : consumer.poll(Duration.ofMillis(200)))
                    records.get(record.partition()).put(record.offset(), new Seen(record.key(), record.value()));
            }
            consumer.beginningOffsets(all).forEach((partition, start) -> starts.put(partition.partition(), start));
        }
        return new TopicContent(starts, records);
    }

    /// Each record that was acknowledged, and lies above the log's start, is where it was said to be.
    void holdsAllThat(AckedWriter writer) {
        writer.acknowledged().forEach((partition, numbers) -> {
            NavigableMap<Long, Seen> log = records.get(partition);
            numbers.tailMap(starts.get(partition), true)
                    .forEach((offset, number) -> assertThat(log.get(offset))
                            .as("partition %d, offset %d, from %d on", partition, offset, starts.get(partition))
                            .isEqualTo(new Seen(AckedWriter.key(number), writer.value(number))));
        });
    }

    /// What is there was written, and is where it was acknowledged.
    void holdsNothingBut(AckedWriter writer) {
        records.forEach((partition, log) -> log.forEach((offset, seen) -> {
            Long number = writer.acknowledged()
                    .getOrDefault(partition, new TreeMap<>())
                    .get(offset);
            if (number == null && writer.isUnplaced(seen.value())) return;
            assertThat(number)
                    .as("partition %d, offset %d: %s", partition, offset, seen.key())
                    .isNotNull();
            assertThat(seen).isEqualTo(new Seen(AckedWriter.key(number), writer.value(number)));
        }));
    }

    /// For each key, what it was last; without those that were deleted.
    Map<String, String> latest() {
        Map<String, String> latest = new HashMap<>();
        for (NavigableMap<Long, Seen> log : records.values()) {
            for (Seen seen : log.values()) {
                if (seen.value() == null) latest.remove(seen.key());
                else latest.put(seen.key(), seen.value());
            }
        }
        return latest;
    }

    /// Of all records with a value.
    List<Long> numbers() {
        List<Long> numbers = new ArrayList<>();
        for (NavigableMap<Long, Seen> log : records.values()) {
            for (Seen seen : log.values()) if (seen.value() != null) numbers.add(AckedWriter.numberOf(seen.value()));
        }
        return numbers;
    }

    int size() {
        return records.values().stream().mapToInt(Map::size).sum();
    }
}
