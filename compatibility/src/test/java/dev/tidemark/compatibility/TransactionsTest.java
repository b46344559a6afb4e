package dev.tidemark.compatibility;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tidemark.bench.broker.ProjectRoot;
import dev.tidemark.bench.broker.RunningBroker;
import dev.tidemark.compatibility.driver.Command;
import dev.tidemark.compatibility.driver.ConsoleTools;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.FeatureUpdate;
import org.apache.kafka.clients.admin.ListOffsetsOptions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.TransactionState;
import org.apache.kafka.clients.admin.UpdateFeaturesOptions;
import org.apache.kafka.clients.consumer.ConsumerGroupMetadata;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
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
        // A broker that is killed has to be back before.
        settings.put("transaction.timeout.ms", "60000");
        settings.put("max.block.ms", "60000");
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

    private void commit(KafkaProducer<String, String> producer, String... values) {
        producer.beginTransaction();
        send(producer, values);
        producer.commitTransaction();
    }

    /// What each partition has by now, up to `last`.
    private List<List<String>> read(String isolation, String last) {
        List<List<String>> values = List.of(new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
        try (KafkaConsumer<String, String> consumer = new KafkaConsumer<>(
                Map.of("bootstrap.servers", broker.bootstrap(), "isolation.level", isolation, "fetch.max.wait.ms", 50),
                new StringDeserializer(),
                new StringDeserializer())) {
            consumer.assign(partitions());
            consumer.seekToBeginning(consumer.assignment());
            long deadlineNs = System.nanoTime() + SOON.toNanos();
            while (!values.stream().allMatch(of -> of.contains(last)) && System.nanoTime() < deadlineNs)
                for (ConsumerRecord<String, String> record : consumer.poll(Duration.ofMillis(200)))
                    values.get(record.partition()).add(record.value());
        }
        return values;
    }

    private List<TopicPartition> partitions() {
        return IntStream.range(0, 3)
                .mapToObj(index -> new TopicPartition(topic, index))
                .toList();
    }

    /// The end of each partition, as those see it who read so.
    private List<Long> ends(IsolationLevel isolation) throws ExecutionException, InterruptedException {
        Map<TopicPartition, OffsetSpec> latest =
                partitions().stream().collect(Collectors.toMap(partition -> partition, _ -> OffsetSpec.latest()));
        var ends = admin.listOffsets(latest, new ListOffsetsOptions(isolation))
                .all()
                .get();
        return partitions().stream()
                .map(partition -> ends.get(partition).offset())
                .toList();
    }

    private interface Work {
        void run() throws IOException;
    }

    private void kill9AndRestart(Work between) throws IOException, InterruptedException {
        broker.kill9();
        between.run();
        broker.launch();
        broker.awaitFirstAnswer();
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 1})
    void whatIsCommittedIsReadAndWhatIsAbortedIsNot(int version) throws Exception {
        speak(version);
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
        speak(version);
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
        commit(next, "next");
        assertThat(read("read_committed", "next"))
                .allSatisfy(values -> assertThat(values).containsExactly("next"));
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 1})
    void anOpenTransactionOutlivesItsBroker(int version) throws Exception {
        speak(version);
        KafkaProducer<String, String> producer = producer();
        commit(producer, "a");
        producer.beginTransaction();
        send(producer, "before");
        producer.flush();
        List<Long> stable = ends(IsolationLevel.READ_COMMITTED);

        kill9AndRestart(() -> {});

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
        speak(version);
        KafkaProducer<String, String> producer = producer();
        CountDownLatch some = new CountDownLatch(20);
        CompletableFuture<Void> back = CompletableFuture.runAsync(() -> {
            try {
                some.await();
                kill9AndRestart(() -> {});
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

    /// The coordinator has lost what it knew, so that nobody ends the transaction.
    @Test
    void aHangingTransactionIsFoundAndEndedByTools() throws Exception {
        speak(2);
        KafkaProducer<String, String> lost = producer();
        commit(lost, "a");
        lost.beginTransaction();
        send(lost, "hanging");
        lost.flush();
        List<Long> stable = ends(IsolationLevel.READ_COMMITTED);
        kill9AndRestart(() -> {
            lost.close(Duration.ZERO);
            emptyTransactionLog();
        });
        KafkaProducer<String, String> next = producer();
        commit(next, "next");
        assertThat(ends(IsolationLevel.READ_COMMITTED)).as("it hangs").isEqualTo(stable);

        String found = tidemark("hanging", topic, "--older-than", "0s");
        assertThat(found.lines().filter(line -> line.startsWith(topic))).hasSize(3);
        String producerId = found.lines().toList().getLast().split(" +")[2];
        tidemark("abort", topic, "0", producerId);
        ConsoleTools tools = new ConsoleTools(broker.bootstrap());
        for (int index = 1; index < 3; index++) {
            tools.run(
                    "TransactionsCommand",
                    "abort",
                    "--topic",
                    topic,
                    "--partition",
                    String.valueOf(index),
                    "--start-offset",
                    String.valueOf(stable.get(index)));
        }

        assertThat(read("read_committed", "next"))
                .allSatisfy(values -> assertThat(values).containsExactly("a", "next"));
    }

    private String tidemark(String... arguments) throws IOException, InterruptedException {
        List<String> command =
                new ArrayList<>(List.of(ProjectRoot.find().resolve("tidemark").toString(), "transaction"));
        command.addAll(List.of(arguments));
        command.addAll(List.of("-b", broker.bootstrap()));
        Command.Result result = Command.run(command, "");
        assertThat(result.exitCode()).as(result.errors()).isZero();
        return result.output();
    }

    private void emptyTransactionLog() throws IOException {
        try (Stream<Path> files = Files.walk(broker.node().data())) {
            for (Path file : files.filter(TransactionsTest::isOfTransactionLog).toList())
                Files.write(file, new byte[0]);
        }
    }

    private static boolean isOfTransactionLog(Path file) {
        Path folder = file.getParent();
        return file.toString().endsWith(".log")
                && folder != null
                && String.valueOf(folder.getFileName()).startsWith("__transaction_state-");
    }
}
