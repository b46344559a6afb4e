import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.apache.kafka.clients.consumer.CommitFailedException;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TransactionAbortableException;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

/// Adds up the delays of flights per airport of origin: reads the topic `flights`, whose records are keyed by origin,
/// and writes to the topic `delays`, for each batch and origin, how many flights there were and by how many minutes
/// they were late in all. What it writes and how far it has read are committed in one transaction, so that each flight
/// counts once, whatever dies meanwhile. It runs until it is killed; several of them share the work.
///
/// What it does not know how to go on from ends it, with status 1: start it again. Whatever its end left open is
/// aborted by `initTransactions`, and the flights of that are read again.
///
/// @param arguments the transactional id; then the bootstrap servers, if they are not localhost:9092
void main(String[] arguments) {
    var bootstrap = arguments.length > 1 ? arguments[1] : "localhost:9092";
    var reading = Map.<String, Object>of(
            "bootstrap.servers", bootstrap,
            "group.id", "delays",
            "enable.auto.commit", false,
            "isolation.level", "read_committed",
            "auto.offset.reset", "earliest",
            "session.timeout.ms", 6_000,
            "heartbeat.interval.ms", 500,
            "max.poll.records", 100);
    var writing = Map.<String, Object>of(
            "bootstrap.servers", bootstrap,
            "transactional.id", arguments[0],
            "transaction.timeout.ms", 10_000);
    try (var consumer = new KafkaConsumer<>(reading, new StringDeserializer(), new StringDeserializer());
            var producer = new KafkaProducer<>(writing, new StringSerializer(), new StringSerializer())) {
        producer.initTransactions();
        consumer.subscribe(List.of("flights"));
        while (true) {
            var flights = consumer.poll(Duration.ofMillis(200));
            if (flights.isEmpty()) continue;
            try {
                producer.beginTransaction();
                delays(flights).forEach((origin, delay) -> producer.send(new ProducerRecord<>("delays", origin, delay)));
                producer.sendOffsetsToTransaction(next(flights), consumer.groupMetadata());
                producer.commitTransaction();
            } catch (CommitFailedException | TransactionAbortableException e) {
                // Somebody else has the partitions by now, or the transaction cannot be ended well.
                producer.abortTransaction();
                rewind(consumer);
            }
        }
    } catch (RuntimeException e) {
        e.printStackTrace();
        System.exit(1);
    }
}

static final Pattern DELAY = Pattern.compile("\"delay\":(-?\\d+)");

/// By origin: the number of flights, a blank, and the sum of their delays in minutes.
Map<String, String> delays(ConsumerRecords<String, String> flights) {
    var counts = new TreeMap<String, Integer>();
    var sums = new TreeMap<String, Long>();
    for (var flight : flights) {
        var delay = DELAY.matcher(flight.value());
        if (!delay.find()) throw new IllegalArgumentException("no delay in " + flight.value());
        counts.merge(flight.key(), 1, Integer::sum);
        sums.merge(flight.key(), Long.parseLong(delay.group(1)), Long::sum);
    }
    var delays = new TreeMap<String, String>();
    counts.forEach((origin, count) -> delays.put(origin, count + " " + sums.get(origin)));
    return delays;
}

Map<TopicPartition, OffsetAndMetadata> next(ConsumerRecords<String, String> flights) {
    return flights.nextOffsets();
}

/// Goes back to what is committed.
void rewind(KafkaConsumer<String, String> consumer) {
    var committed = new HashMap<>(consumer.committed(consumer.assignment()));
    for (var partition : consumer.assignment()) {
        var offset = committed.get(partition);
        if (offset == null) consumer.seekToBeginning(List.of(partition));
        else consumer.seek(partition, offset);
    }
}
