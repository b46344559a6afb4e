import java.util.Arrays;
import java.util.Properties;
import java.util.concurrent.CountDownLatch;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler.StreamThreadExceptionResponse;
import org.apache.kafka.streams.kstream.Grouped;
import org.apache.kafka.streams.kstream.Materialized;

/// An application of Apache Kafka Streams with exactly_once_v2: counts the words of `lines` into `words`, and joins
/// `orders` with the table `customers` into `deliveries`. Every count is written, none is left out by a cache.
///
/// @param arguments the bootstrap servers, and the folder for its state
void main(String[] arguments) throws Exception {
    var settings = new Properties();
    settings.put(StreamsConfig.APPLICATION_ID_CONFIG, "words-and-orders");
    settings.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, arguments[0]);
    settings.put(StreamsConfig.STATE_DIR_CONFIG, arguments[1]);
    settings.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, StreamsConfig.EXACTLY_ONCE_V2);
    settings.put(StreamsConfig.STATESTORE_CACHE_MAX_BYTES_CONFIG, 0);
    settings.put(StreamsConfig.DEFAULT_KEY_SERDE_CLASS_CONFIG, Serdes.StringSerde.class);
    settings.put(StreamsConfig.DEFAULT_VALUE_SERDE_CLASS_CONFIG, Serdes.StringSerde.class);
    settings.put(StreamsConfig.consumerPrefix("session.timeout.ms"), 6_000);
    settings.put(StreamsConfig.consumerPrefix("heartbeat.interval.ms"), 500);
    settings.put(StreamsConfig.producerPrefix("transaction.timeout.ms"), 10_000);

    var builder = new StreamsBuilder();
    builder.<String, String>stream("lines")
            .flatMapValues(line -> Arrays.asList(line.split(" ")))
            .groupBy((key, word) -> word, Grouped.with(Serdes.String(), Serdes.String()))
            .count(Materialized.as("counts"))
            .toStream()
            .mapValues(String::valueOf)
            .to("words");
    builder.<String, String>stream("orders")
            .join(builder.<String, String>table("customers"), (order, customer) -> order + " for " + customer)
            .to("deliveries");

    var streams = new KafkaStreams(builder.build(), settings);
    var ended = new CountDownLatch(1);
    streams.setUncaughtExceptionHandler(failure -> {
        failure.printStackTrace();
        return StreamThreadExceptionResponse.REPLACE_THREAD;
    });
    streams.start();
    ended.await();
}
