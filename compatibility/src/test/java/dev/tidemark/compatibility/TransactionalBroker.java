package dev.tidemark.compatibility;

import dev.tidemark.bench.broker.RunningBroker;
import dev.tidemark.compatibility.badinput.RawClient;
import dev.tidemark.compatibility.badinput.Wire;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.TestInfo;

/// A broker of a test class's own, with an admin, and the producers of transactions that a test makes on it.
final class TransactionalBroker implements AutoCloseable {
    private static final Duration SOON = Duration.ofSeconds(60);

    private final SharedBroker.Started started;
    private final RunningBroker broker;
    private final Admin admin;
    private final List<KafkaProducer<String, String>> producers = new ArrayList<>();

    /// @param settings more than those of all tests
    TransactionalBroker(Map<String, String> settings) throws IOException, InterruptedException {
        started = SharedBroker.start(settings);
        broker = started.broker();
        admin = Admin.create(Map.of("bootstrap.servers", broker.bootstrap()));
    }

    RunningBroker broker() {
        return broker;
    }

    Admin admin() {
        return admin;
    }

    /// @return the topic's name, which no other test has
    String createTopic(TestInfo test, int partitions) throws Exception {
        String name = "t"
                + Integer.toHexString(
                        (test.getTestMethod().orElseThrow().getName() + test.getDisplayName()).hashCode());
        admin.createTopics(List.of(new NewTopic(name, partitions, (short) 1)))
                .all()
                .get();
        return name;
    }

    /// One that waits until a broker that was killed is back.
    KafkaProducer<String, String> producer(String transactionalId) {
        return producer(transactionalId, Map.of("transaction.timeout.ms", "60000", "max.block.ms", "60000"));
    }

    KafkaProducer<String, String> producer(String transactionalId, Map<String, String> more) {
        Properties settings = new Properties();
        settings.put("bootstrap.servers", broker.bootstrap());
        settings.put("transactional.id", transactionalId);
        settings.putAll(more);
        KafkaProducer<String, String> producer =
                new KafkaProducer<>(settings, new StringSerializer(), new StringSerializer());
        producers.add(producer);
        producer.initTransactions();
        return producer;
    }

    void closeProducers() {
        producers.forEach(producer -> producer.close(Duration.ZERO));
        producers.clear();
    }

    /// What each partition of the topic has by now, up to `last`.
    List<List<String>> read(String topic, int partitions, String isolation, String last) {
        List<List<String>> values =
                Stream.<List<String>>generate(ArrayList::new).limit(partitions).toList();
        try (KafkaConsumer<String, String> consumer = new KafkaConsumer<>(
                Map.of("bootstrap.servers", broker.bootstrap(), "isolation.level", isolation, "fetch.max.wait.ms", 50),
                new StringDeserializer(),
                new StringDeserializer())) {
            consumer.assign(partitions(topic, partitions));
            consumer.seekToBeginning(consumer.assignment());
            long deadlineNs = System.nanoTime() + SOON.toNanos();
            while (!values.stream().allMatch(of -> of.contains(last)) && System.nanoTime() < deadlineNs)
                for (ConsumerRecord<String, String> record : consumer.poll(Duration.ofMillis(200)))
                    values.get(record.partition()).add(record.value());
        }
        return values;
    }

    static List<TopicPartition> partitions(String topic, int count) {
        return IntStream.range(0, count)
                .mapToObj(index -> new TopicPartition(topic, index))
                .toList();
    }

    interface Work {
        void run() throws IOException;
    }

    void kill9AndRestart(Work between) throws IOException, InterruptedException {
        broker.kill9();
        between.run();
        broker.launch();
        broker.awaitFirstAnswer();
    }

    /// What the broker answers to a request that no client sends so.
    static ApiMessage ask(RunningBroker asked, ApiKeys api, int version, ApiMessage request) throws IOException {
        String[] address = asked.bootstrap().split(":");
        try (RawClient client = new RawClient(new InetSocketAddress(address[0], Integer.parseInt(address[1])))) {
            client.frame(Wire.frame(api, version, request));
            return Wire.response(api, version, client.receive()).data();
        }
    }

    @Override
    public void close() throws IOException {
        admin.close();
        started.close();
    }
}
