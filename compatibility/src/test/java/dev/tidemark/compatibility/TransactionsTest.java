package dev.tidemark.compatibility;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListOffsetsOptions;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.TransactionState;
import org.apache.kafka.clients.consumer.ConsumerGroupMetadata;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
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
    private final TransactionalBroker broker;
    private final Admin admin;
    private String topic = "";
    private String id = "";

    TransactionsTest() throws Exception {
        broker = new TransactionalBroker(Map.of());
        admin = broker.admin();
    }

    @AfterAll
    void end() throws Exception {
        broker.close();
    }

    @BeforeEach
    void createTopic(TestInfo test) throws Exception {
        topic = broker.createTopic(test, 3);
        id = "id-" + topic;
    }

    @AfterEach
    void closeProducers() {
        broker.closeProducers();
    }

    private KafkaProducer<String, String> producer() {
        return broker.producer(id);
    }

    private void send(KafkaProducer<String, String> producer, String... values) {
        for (String value : values) {
            for (int partition = 0; partition < 3; partition++) {
                var _ = producer.send(new ProducerRecord<>(topic, partition, null, value));
            }
        }
    }

    private void commit(KafkaProducer<String, String> producer, String... values) {
        producer.beginTransaction();
        send(producer, values);
        producer.commitTransaction();
    }

    private List<List<String>> read(String isolation, String last) {
        return broker.read(topic, 3, isolation, last);
    }

    /// The end of each partition, as those see it who read so.
    private List<Long> ends(IsolationLevel isolation) throws ExecutionException, InterruptedException {
        Map<TopicPartition, OffsetSpec> latest = TransactionalBroker.partitions(topic, 3).stream()
                .collect(Collectors.toMap(partition -> partition, _ -> OffsetSpec.latest()));
        var ends = admin.listOffsets(latest, new ListOffsetsOptions(isolation))
                .all()
                .get();
        return TransactionalBroker.partitions(topic, 3).stream()
                .map(partition -> ends.get(partition).offset())
                .toList();
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 1})
    void whatIsCommittedIsReadAndWhatIsAbortedIsNot(int version) throws Exception {
        TransactionVersion.speak(admin, version);
        KafkaProducer<String, String> producer = producer();
        commit(producer, "a", "b");
        producer.beginTransaction();
        send(producer, "x");
        producer.flush();
        producer.abortTransaction();
        for (int i = 0; i < 20; i++) commit(producer, "c" + i);

        assertThat(read("read_committed", "c19"))
                .allSatisfy(values -> assertThat(values).hasSize(22).startsWith("a", "b", "c0"));
        assertThat(read("read_uncommitted", "c19"))
                .allSatisfy(values -> assertThat(values).hasSize(23).contains("x"));
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 1})
    void aProducerWithTheSameIdPutsTheFirstOneOut(int version) throws Exception {
        TransactionVersion.speak(admin, version);
        KafkaProducer<String, String> first = producer();
        first.beginTransaction();
        send(first, "lost");
        first.flush();
        KafkaProducer<String, String> second = producer();
        commit(second, "kept");

        assertThatThrownBy(() -> {
                    send(first, "late");
                    first.commitTransaction();
                })
                .isInstanceOf(KafkaException.class);
        assertThat(read("read_committed", "kept"))
                .allSatisfy(values -> assertThat(values).containsExactly("kept"));
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 1})
    void offsetsAreCommittedWithTheOutput(int version) throws Exception {
        TransactionVersion.speak(admin, version);
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
                Map.of("bootstrap.servers", broker.broker().bootstrap(), "group.id", group),
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
        TransactionVersion.speak(admin, version);
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
        commit(next, "next");
        assertThat(read("read_committed", "next"))
                .allSatisfy(values -> assertThat(values).containsExactly("next"));
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 1})
    void whatNobodyEndsIsAbortedWhenItsTimeIsUp(int version) throws Exception {
        TransactionVersion.speak(admin, version);
        KafkaProducer<String, String> silent = broker.producer(id, Map.of("transaction.timeout.ms", "500"));
        silent.beginTransaction();
        send(silent, "lost");
        silent.flush();
        KafkaProducer<String, String> other = broker.producer(id + "-other", Map.of());
        commit(other, "kept");

        assertThat(read("read_committed", "kept"))
                .allSatisfy(values -> assertThat(values).containsExactly("kept"));
        assertThatThrownBy(silent::commitTransaction).isInstanceOf(KafkaException.class);
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 1})
    void anOpenTransactionOutlivesItsBroker(int version) throws Exception {
        TransactionVersion.speak(admin, version);
        KafkaProducer<String, String> producer = producer();
        commit(producer, "a");
        producer.beginTransaction();
        send(producer, "before");
        producer.flush();
        List<Long> stable = ends(IsolationLevel.READ_COMMITTED);

        broker.kill9AndRestart(() -> {});

        assertThat(ends(IsolationLevel.READ_COMMITTED)).isEqualTo(stable);
        assertThat(ends(IsolationLevel.READ_UNCOMMITTED)).isNotEqualTo(stable);
        send(producer, "after");
        producer.commitTransaction();
        assertThat(read("read_committed", "after"))
                .allSatisfy(values -> assertThat(values).containsExactly("a", "before", "after"));
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 1})
    void whatIsCommittedAroundAKillIsWhole(int version) throws Exception {
        TransactionVersion.speak(admin, version);
        KafkaProducer<String, String> producer = producer();
        CountDownLatch some = new CountDownLatch(20);
        CompletableFuture<Void> back = CompletableFuture.runAsync(() -> {
            try {
                some.await();
                broker.kill9AndRestart(() -> {});
            } catch (IOException | InterruptedException failure) {
                throw new CompletionException(failure);
            }
        });
        List<String> told = new ArrayList<>();
        try {
            for (int i = 0; !back.isDone(); i++) {
                commit(producer, "v" + i);
                told.add("v" + i);
                some.countDown();
            }
        } catch (KafkaException _) {
            // Whoever comes next with the id ends what is open.
        }
        back.get();
        KafkaProducer<String, String> next = producer();
        commit(next, "end");

        List<List<String>> read = read("read_committed", "end");
        assertThat(told).hasSizeGreaterThanOrEqualTo(20);
        assertThat(read.getFirst()).containsAll(told).endsWith("end").doesNotHaveDuplicates();
        assertThat(read).allSatisfy(values -> assertThat(values).isEqualTo(read.getFirst()));
    }
}
