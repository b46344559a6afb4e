package dev.tidemark.compatibility.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.bench.load.SequenceWriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/// All that a topic holds in the end, and whether that is what was acknowledged.
///
/// @param numbers for each partition, the records' numbers by their offset
record LogOfAll(List<NavigableMap<Long, Long>> numbers) {
    static LogOfAll read(String bootstrap, String topic, int partitions) {
        List<NavigableMap<Long, Long>> numbers = new ArrayList<>();
        IntStream.range(0, partitions).forEach(_ -> numbers.add(new TreeMap<>()));
        Map<String, Object> properties = new HashMap<>();
        properties.put("bootstrap.servers", bootstrap);
        properties.put("auto.offset.reset", "none");
        properties.put("isolation.level", "read_committed");
        try (var consumer = new KafkaConsumer<>(properties, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            List<TopicPartition> all = IntStream.range(0, partitions)
                    .mapToObj(partition -> new TopicPartition(topic, partition))
                    .toList();
            consumer.assign(all);
            consumer.seekToBeginning(all);
            Map<TopicPartition, Long> ends = consumer.endOffsets(all);
            long deadlineNs = System.nanoTime() + Duration.ofMinutes(1).toNanos();
            while (ends.entrySet().stream().anyMatch(end -> consumer.position(end.getKey()) < end.getValue())) {
                assertThat(System.nanoTime()).as("the time to read everything").isLessThan(deadlineNs);
                for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(200))) {
                    numbers.get(record.partition()).put(record.offset(), SequenceWriter.numberOf(record.value()));
                }
            }
        }
        return new LogOfAll(numbers);
    }

    /// Nothing acknowledged is lost or elsewhere than it was said to be; nothing comes twice or out of order.
    void holdsAllThat(SequenceWriter writer) {
        List<NavigableMap<Long, Long>> acknowledged = writer.acknowledged();
        for (int partition = 0; partition < numbers.size(); partition++) {
            NavigableMap<Long, Long> byOffset = numbers.get(partition);
            List<Long> inOrder = List.copyOf(byOffset.values());
            assertThat(inOrder)
                    .as("partition %d: in order, and none twice", partition)
                    .isSortedAccordingTo(Long::compare)
                    .doesNotHaveDuplicates();
            for (var each : acknowledged.get(partition).entrySet()) {
                assertThat(byOffset.get(each.getValue()))
                        .as("partition %d: the record that was acknowledged at offset %d", partition, each.getValue())
                        .isEqualTo(each.getKey());
            }
        }
    }

    int size() {
        return numbers.stream().mapToInt(NavigableMap::size).sum();
    }
}
