package dev.tidemark.compatibility;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.bench.broker.ProjectRoot;
import dev.tidemark.compatibility.driver.Command;
import dev.tidemark.compatibility.driver.ConsoleTools;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListOffsetsOptions;
import org.apache.kafka.clients.admin.ListTransactionsOptions;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.TransactionDescription;
import org.apache.kafka.clients.admin.TransactionListing;
import org.apache.kafka.clients.admin.TransactionState;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.message.AddPartitionsToTxnRequestData;
import org.apache.kafka.common.message.AddPartitionsToTxnRequestData.AddPartitionsToTxnTopic;
import org.apache.kafka.common.message.AddPartitionsToTxnRequestData.AddPartitionsToTxnTopicCollection;
import org.apache.kafka.common.message.AddPartitionsToTxnRequestData.AddPartitionsToTxnTransaction;
import org.apache.kafka.common.message.AddPartitionsToTxnRequestData.AddPartitionsToTxnTransactionCollection;
import org.apache.kafka.common.message.AddPartitionsToTxnResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What operators and other brokers learn of transactions, and do about them.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class TransactionToolsTest {
    private final TransactionalBroker broker;
    private final Admin admin;
    private final ConsoleTools tools;
    private String topic = "";
    private String id = "";

    TransactionToolsTest() throws Exception {
        broker = new TransactionalBroker(Map.of());
        admin = broker.admin();
        tools = new ConsoleTools(broker.broker().bootstrap());
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

    /// Leaves a transaction open, with the value in each of the first partitions.
    private void begin(KafkaProducer<String, String> producer, int partitions, String value) {
        producer.beginTransaction();
        for (int partition = 0; partition < partitions; partition++) {
            var _ = producer.send(new ProducerRecord<>(topic, partition, null, value));
        }
        producer.flush();
    }

    private void commit(KafkaProducer<String, String> producer, String value) {
        begin(producer, 3, value);
        producer.commitTransaction();
    }

    private TransactionDescription described(String transactionalId) throws Exception {
        return admin.describeTransactions(Set.of(transactionalId))
                .description(transactionalId)
                .get();
    }

    /// The end of each partition for those who read what is committed.
    private List<Long> stableEnds() throws ExecutionException, InterruptedException {
        List<TopicPartition> partitions = TransactionalBroker.partitions(topic, 3);
        Map<TopicPartition, OffsetSpec> latest =
                partitions.stream().collect(Collectors.toMap(partition -> partition, _ -> OffsetSpec.latest()));
        var ends = admin.listOffsets(latest, new ListOffsetsOptions(IsolationLevel.READ_COMMITTED))
                .all()
                .get();
        return partitions.stream()
                .map(partition -> ends.get(partition).offset())
                .toList();
    }

    @Test
    void aListHasWhatIsAskedFor() throws Exception {
        commit(broker.producer(id + "-done"), "done");
        begin(broker.producer(id + "-open"), 1, "open");
        long done = described(id + "-done").producerId();

        assertThat(listed(all().filterStates(Set.of(TransactionState.ONGOING)))).containsExactly(id + "-open");
        assertThat(listed(all().filterProducerIds(Set.of(done)))).containsExactly(id + "-done");
        assertThat(listed(all().filterOnTransactionalIdPattern(id + "-[a-e].*")))
                .containsExactly(id + "-done");
        assertThat(listed(all().filterOnDuration(3_600_000))).isEmpty();
        assertThat(listed(all())).containsExactlyInAnyOrder(id + "-done", id + "-open");
    }

    private static ListTransactionsOptions all() {
        return new ListTransactionsOptions();
    }

    /// Those of this test.
    private List<String> listed(ListTransactionsOptions options) throws Exception {
        return admin.listTransactions(options).all().get().stream()
                .map(TransactionListing::transactionalId)
                .filter(each -> each.startsWith(id))
                .toList();
    }

    /// One request for many transactions, as brokers send it (KIP-890).
    @ParameterizedTest
    @CsvSource({"5, TRANSACTION_ABORTABLE", "4, INVALID_TXN_STATE"})
    void partitionsOfManyTransactionsAreAddedAndVerifiedAtOnce(int version, Errors ofAStranger) throws Exception {
        KafkaProducer<String, String> adding = broker.producer(id + "-adding");
        begin(adding, 1, "added");
        begin(broker.producer(id + "-verified"), 1, "verified");
        AddPartitionsToTxnTransactionCollection both = new AddPartitionsToTxnTransactionCollection();
        both.add(asked(id + "-adding", false, 1));
        both.add(asked(id + "-verified", true, 0, 2));

        var answer = (AddPartitionsToTxnResponseData) TransactionalBroker.ask(
                broker.broker(),
                ApiKeys.ADD_PARTITIONS_TO_TXN,
                version,
                new AddPartitionsToTxnRequestData().setTransactions(both));

        assertThat(errors(answer, id + "-adding")).isEqualTo(Map.of(1, Errors.NONE));
        assertThat(errors(answer, id + "-verified")).isEqualTo(Map.of(0, Errors.NONE, 2, ofAStranger));
        assertThat(described(id + "-adding").topicPartitions())
                .containsExactlyInAnyOrder(new TopicPartition(topic, 0), new TopicPartition(topic, 1));
        assertThat(described(id + "-verified").topicPartitions()).containsExactly(new TopicPartition(topic, 0));
        adding.commitTransaction();
    }

    private AddPartitionsToTxnTransaction asked(String transactionalId, boolean verify, Integer... partitions)
            throws Exception {
        TransactionDescription now = described(transactionalId);
        AddPartitionsToTxnTopicCollection topics = new AddPartitionsToTxnTopicCollection();
        topics.add(new AddPartitionsToTxnTopic().setName(topic).setPartitions(List.of(partitions)));
        return new AddPartitionsToTxnTransaction()
                .setTransactionalId(transactionalId)
                .setProducerId(now.producerId())
                .setProducerEpoch((short) now.producerEpoch())
                .setVerifyOnly(verify)
                .setTopics(topics);
    }

    private Map<Integer, Errors> errors(AddPartitionsToTxnResponseData answer, String transactionalId) {
        return answer
                .resultsByTransaction()
                .find(transactionalId)
                .topicResults()
                .find(topic)
                .resultsByPartition()
                .stream()
                .collect(Collectors.toMap(
                        result -> result.partitionIndex(), result -> Errors.forCode(result.partitionErrorCode())));
    }

    @Test
    void kafkaReadsTheLogOfTransactions() throws Exception {
        commit(broker.producer(id), "done");
        List<String> written = new ArrayList<>();
        for (Path log : transactionLogs()) if (Files.size(log) > 0) written.add(log.toString());

        String dump = tools.runAlone(
                "", "DumpLogSegments", List.of("--transaction-log-decoder", "--files", String.join(",", written)));

        assertThat(dump).contains("\"transactionalId\":\"" + id + "\"", "\"topic\":\"" + topic + "\"");
        assertThat(dump).doesNotContain("isvalid: false");
    }

    /// The coordinator has lost what it knew, so that nobody ends the transaction.
    @Test
    void aHangingTransactionIsFoundAndEndedByTools() throws Exception {
        KafkaProducer<String, String> lost = broker.producer(id);
        commit(lost, "a");
        begin(lost, 3, "hanging");
        List<Long> stable = stableEnds();
        broker.kill9AndRestart(() -> {
            lost.close(Duration.ZERO);
            emptyTransactionLog();
        });
        KafkaProducer<String, String> next = broker.producer(id);
        commit(next, "next");
        assertThat(stableEnds()).as("it hangs").isEqualTo(stable);

        String found = tidemark("hanging", topic, "--older-than", "0s");
        assertThat(found.lines().filter(line -> line.startsWith(topic))).hasSize(3);
        String producerId = found.lines().toList().getLast().split(" +")[2];
        tidemark("abort", topic, "0", producerId);
        assertThat(tools.run("TransactionsCommand", "find-hanging", "--topic", topic, "--max-transaction-timeout", "0"))
                .containsPattern(topic + "\\s+1\\s+" + producerId + "\\s")
                .containsPattern(topic + "\\s+2\\s+" + producerId + "\\s")
                .doesNotContainPattern(topic + "\\s+0\\s");
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

        assertThat(broker.read(topic, 3, "read_committed", "next"))
                .allSatisfy(values -> assertThat(values).containsExactly("a", "next"));
    }

    private String tidemark(String... arguments) throws IOException, InterruptedException {
        List<String> command =
                new ArrayList<>(List.of(ProjectRoot.find().resolve("tidemark").toString(), "transaction"));
        command.addAll(List.of(arguments));
        command.addAll(List.of("-b", broker.broker().bootstrap()));
        Command.Result result = Command.run(command, "");
        assertThat(result.exitCode()).as(result.errors()).isZero();
        return result.output();
    }

    private void emptyTransactionLog() throws IOException {
        for (Path file : transactionLogs()) Files.write(file, new byte[0]);
    }

    private List<Path> transactionLogs() throws IOException {
        try (Stream<Path> files = Files.walk(broker.broker().node().data())) {
            return files.filter(TransactionToolsTest::isOfTransactionLog).toList();
        }
    }

    private static boolean isOfTransactionLog(Path file) {
        Path folder = file.getParent();
        return file.toString().endsWith(".log")
                && folder != null
                && String.valueOf(folder.getFileName()).startsWith("__transaction_state-");
    }
}
