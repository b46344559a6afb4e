import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.serialization.StringDeserializer;

/// Reads the topic `flights` by Apache Kafka's Java client, in a group of two, and compares what came with the file
/// that was written: equal, and in the same order for each origin.
///
/// @param arguments the file; then the bootstrap server, if it is not localhost:9092
void main(String[] arguments) throws Exception {
    var written = new TreeMap<String, List<String>>();
    for (var line : Files.readAllLines(Path.of(arguments[0]))) {
        var origin = line.replaceFirst(".*\"origin\":\"([^\"]*)\".*", "$1");
        written.computeIfAbsent(origin, key -> new ArrayList<>()).add(line);
    }
    var total = written.values().stream().mapToInt(List::size).sum();
    var settings = Map.<String, Object>of(
            "bootstrap.servers", arguments.length > 1 ? arguments[1] : "localhost:9092",
            "group.id", "flights-" + System.currentTimeMillis(),
            "group.protocol", "consumer",
            "auto.offset.reset", "earliest");

    var read = new TreeMap<String, List<String>>();
    var came = 0;
    try (var one = new KafkaConsumer<>(settings, new StringDeserializer(), new StringDeserializer());
            var other = new KafkaConsumer<>(settings, new StringDeserializer(), new StringDeserializer())) {
        one.subscribe(List.of("flights"));
        other.subscribe(List.of("flights"));
        while (one.assignment().size() + other.assignment().size() < one.partitionsFor("flights").size()
                || other.assignment().isEmpty() || one.assignment().isEmpty()) {
            // Whoever is first gets all partitions and gives half of them up. Nothing is read before both have theirs.
            join(one);
            join(other);
        }
        one.seekToBeginning(one.assignment());
        other.seekToBeginning(other.assignment());
        one.resume(one.paused());
        other.resume(other.paused());
        IO.println("one member has " + one.assignment() + ", the other " + other.assignment());
        while (came < total) {
            for (var consumer : List.of(one, other)) {
                for (ConsumerRecord<String, String> flight : consumer.poll(Duration.ofMillis(200))) {
                    read.computeIfAbsent(flight.key(), key -> new ArrayList<>()).add(flight.value());
                    came++;
                }
            }
        }
    }
    if (!read.equals(written)) throw new AssertionError("what came differs from " + arguments[0]);
    IO.println(came + " flights of " + read.size() + " origins: equal, and in order for each origin");
}

void join(KafkaConsumer<String, String> member) {
    member.pause(member.assignment());
    member.poll(Duration.ofMillis(100));
    member.pause(member.assignment());
}
