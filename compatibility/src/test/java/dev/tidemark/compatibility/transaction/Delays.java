package dev.tidemark.compatibility.transaction;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;

/// Flights and minutes of delay, by airport of origin.
///
/// @param byOrigin flights and minutes
record Delays(Map<String, Total> byOrigin) {
    private static final Pattern FLIGHT = Pattern.compile("\"delay\":(-?\\d+).*\"origin\":\"([^\"]+)\"");
    private static final Duration LIMIT = Duration.ofSeconds(60);

    record Total(long flights, long minutes) {
        Total plus(Total other) {
            return new Total(flights + other.flights, minutes + other.minutes);
        }
    }

    record Flight(String origin, long delay) {
        static Flight of(String line) {
            Matcher found = FLIGHT.matcher(line);
            if (!found.find()) throw new IllegalArgumentException(line);
            return new Flight(found.group(2), Long.parseLong(found.group(1)));
        }
    }

    /// What the lines of the file say.
    static Delays of(List<String> lines) {
        Map<String, Total> totals = new TreeMap<>();
        for (String line : lines) {
            Flight flight = Flight.of(line);
            totals.merge(flight.origin(), new Total(1, flight.delay()), Total::plus);
        }
        return new Delays(totals);
    }

    /// What was committed to the topic, once no transaction is open there any more.
    static Delays read(String bootstrap, String topic, int partitions) throws InterruptedException {
        Map<String, Total> totals = new TreeMap<>();
        List<TopicPartition> all = IntStream.range(0, partitions)
                .mapToObj(index -> new TopicPartition(topic, index))
                .toList();
        try (KafkaConsumer<String, String> committed = consumer(bootstrap, "read_committed");
                KafkaConsumer<String, String> uncommitted = consumer(bootstrap, "read_uncommitted")) {
            Map<TopicPartition, Long> ends = uncommitted.endOffsets(all);
            long untilNs = System.nanoTime() + LIMIT.toNanos();
            while (!committed.endOffsets(all).equals(ends)) {
                assertThat(System.nanoTime()).as("every transaction ends").isLessThan(untilNs);
                TimeUnit.MILLISECONDS.sleep(100);
                ends = uncommitted.endOffsets(all);
            }
            committed.assign(all);
            committed.seekToBeginning(all);
            for (ConsumerRecord<String, String> record : upTo(committed, ends, untilNs)) {
                String[] parts = record.value().split(" ", -1);
                Total total = new Total(Long.parseLong(parts[0]), Long.parseLong(parts[1]));
                totals.merge(record.key(), total, Total::plus);
            }
        }
        return new Delays(totals);
    }

    private static List<ConsumerRecord<String, String>> upTo(
            KafkaConsumer<String, String> consumer, Map<TopicPartition, Long> ends, long untilNs) {
        List<ConsumerRecord<String, String>> found = new ArrayList<>();
        while (ends.entrySet().stream().anyMatch(end -> consumer.position(end.getKey()) < end.getValue())) {
            assertThat(System.nanoTime()).as("all is read in time").isLessThan(untilNs);
            consumer.poll(Duration.ofMillis(100)).forEach(found::add);
        }
        return found;
    }

    private static KafkaConsumer<String, String> consumer(String bootstrap, String isolation) {
        return new KafkaConsumer<>(
                Map.of("bootstrap.servers", bootstrap, "isolation.level", isolation),
                new StringDeserializer(),
                new StringDeserializer());
    }
}
