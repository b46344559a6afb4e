package dev.tidemark.compatibility;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tidemark.bench.broker.RunningBroker;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.FeatureUpdate;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.TransactionState;
import org.apache.kafka.clients.admin.UpdateFeaturesOptions;
import org.apache.kafka.clients.consumer.ConsumerGroupMetadata;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The Java client's transactions, as it speaks them with `transaction.version` 2 (each end gives a new epoch, the
/// partitions join by producing) and with 1.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class TransactionsTest {
    private static final Duration SOON = Duration.ofSeconds(20);

    private final SharedBroker.Started started;
    private final RunningBroker broker;
    private final Admin admin;
    private final List<KafkaProducer<String, String>> producers = new ArrayList<>();
    private String topic = "";
    private String id = "";

    TransactionsTest() throws Exception {
        started = SharedBroker.start();
        broker = started.broker();
        admin = Admin.create(Map.of("bootstrap.servers", broker.bootstrap()));
    }

    @AfterAll
    void end() throws Exception {
        admin.close();
        started.close();
    }

    @BeforeEach
    void createTopic(TestInfo test) throws Exception {
        topic = "t"
                + Integer.toHexString(
                        (test.getTestMethod().orElseThrow().getName() + test.getDisplayName()).hashCode());
        id = "id-" + topic;
        admin.createTopics(List.of(new NewTopic(topic, 3, (short) 1))).all().get();
    }

    @AfterEach
    void closeProducers() {
        producers.forEach(producer -> producer.close(Duration.ZERO));
        producers.clear();
    }

    private void speak(int version) throws Exception {
        FeatureUpdate.UpgradeType type =
                version == 2 ? FeatureUpdate.UpgradeType.UPGRADE : FeatureUpdate.UpgradeType.SAFE_DOWNGRADE;
        admin.updateFeatures(
                        Map.of("transaction.version", new FeatureUpdate((short) version, type)),
                        new UpdateFeaturesOptions())
                .all()
                .get();
    }

    private KafkaProducer<String, String> producer() {
        Properties settings = new Properties();
        settings.put("bootstrap.servers", broker.bootstrap());
        settings.put("transactional.id", id);
        settings.put("transaction.timeout.ms", "20000");
        settings.put("max.block.ms", "20000");
        KafkaProducer<String, String> producer =
                new KafkaProducer<>(settings, new StringSerializer(), new StringSerializer());
        producers.add(producer);
        producer.initTransactions();
        return producer;
    }

    private void send(KafkaProducer<String, String> producer, String... values) {
        for (String value : values) {
            for (int partition = 0; partition < 3; partition++) {
                var _ = producer.send(new ProducerRecord<>(topic, partition, null, value));
            }
        }
    }

    /// What partition `index` has by now, up to `last`.
    private List<String> read(String isolation, int index, String last) {
        List<String> values = new ArrayList<>();
        try (KafkaConsumer<String, String> consumer = new KafkaConsumer<>(
                Map.of("bootstrap.servers", broker.bootstrap(), "isolation.level", isolation),
                new StringDeserializer(),
                new StringDeserializer())) {
            consumer.assign(List.of(new TopicPartition(topic, index)));
            consumer.seekToBeginning(consumer.assignment());
            long deadlineNs = System.nanoTime() + SOON.toNanos();
            while (!values.contains(last) && System.nanoTime() < deadlineNs)
                for (ConsumerRecord<String, String> record : consumer.poll(Duration.ofMillis(200)))
                    values.add(record.value());
        }
        return values;
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 1})
    void whatIsCommittedIsReadAndWhatIsAbortedIsNot(int version) throws Exception {
        speak(version);
        KafkaProducer<String, String> producer = producer();
        producer.beginTransaction();
        send(producer, "a", "b");
        producer.commitTransaction();
        producer.beginTransaction();
        send(producer, "x");
        producer.flush();
        producer.abortTransaction();
        for (int i = 0; i < 20; i++) {
            producer.beginTransaction();
            send(producer, "c" + i);
            producer.commitTransaction();
        }

        for (int partition = 0; partition < 3; partition++) {
            assertThat(read("read_committed", partition, "c19")).hasSize(22).startsWith("a", "b", "c0");
            assertThat(read("read_uncommitted", partition, "c19")).hasSize(23).contains("x");
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 1})
    void aProducerWithTheSameIdPutsTheFirstOneOut(int version) throws Exception {
        speak(version);
        KafkaProducer<String, String> first = producer();
        first.beginTransaction();
        send(first, "lost");
        first.flush();
        KafkaProducer<String, String> second = producer();
        second.beginTransaction();
        send(second, "kept");
        second.commitTransaction();

        assertThatThrownBy(() -> {
                    send(first, "late");
                    first.commitTransaction();
                })
                .isInstanceOf(KafkaException.class);
        assertThat(read("read_committed", 0, "kept")).containsExactly("kept");
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 1})
    void offsetsAreCommittedWithTheOutput(int version) throws Exception {
        speak(version);
        String group = "g-" + topic;
        TopicPartition input = new TopicPartition(topic, 0);
        KafkaProducer<String, String> producer = producer();
        producer.beginTransaction();
        send(producer, "a");
        producer.sendOffsetsToTransaction(Map.of(input, new OffsetAndMetadata(5)), groupOf(group));
        producer.commitTransaction();
        assertThat(committed(group, input)).isEqualTo(5);

        producer.beginTransaction();
        producer.sendOffsetsToTransaction(Map.of(input, new OffsetAndMetadata(9)), groupOf(group));
        producer.abortTransaction();

        assertThat(committed(group, input)).isEqualTo(5);
    }

    /// As a consumer outside of the group's protocol tells it.
    private ConsumerGroupMetadata groupOf(String group) {
        try (KafkaConsumer<String, String> consumer = new KafkaConsumer<>(
                Map.of("bootstrap.servers", broker.bootstrap(), "group.id", group),
                new StringDeserializer(),
                new StringDeserializer())) {
            return consumer.groupMetadata();
        }
    }

    private long committed(String group, TopicPartition partition) throws ExecutionException, InterruptedException {
        return admin.listConsumerGroupOffsets(group)
                .partitionsToOffsetAndMetadata()
                .get()
                .get(partition)
                .offset();
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 1})
    void openTransactionsAreSeenAndCanBeEndedByTheAdmin(int version) throws Exception {
        speak(version);
        KafkaProducer<String, String> producer = producer();
        producer.beginTransaction();
        send(producer, "open");
        producer.flush();

        assertThat(admin.listTransactions().all().get()).anySatisfy(listing -> {
            assertThat(listing.transactionalId()).isEqualTo(id);
            assertThat(listing.state()).isEqualTo(TransactionState.ONGOING);
        });
        var described = admin.describeTransactions(Set.of(id)).description(id).get();
        assertThat(described.topicPartitions()).hasSize(3);

        admin.fenceProducers(Set.of(id)).all().get();

        assertThatThrownBy(producer::commitTransaction).isInstanceOf(KafkaException.class);
        KafkaProducer<String, String> next = producer();
        next.beginTransaction();
        send(next, "next");
        next.commitTransaction();
        assertThat(read("read_committed", 1, "next")).containsExactly("next");
    }
}
