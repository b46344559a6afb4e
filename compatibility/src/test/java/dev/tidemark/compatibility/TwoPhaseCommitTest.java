package dev.tidemark.compatibility;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tidemark.bench.broker.RunningBroker;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.TransactionDescription;
import org.apache.kafka.clients.admin.TransactionState;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.errors.ProducerFencedException;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.message.ApiVersionsRequestData;
import org.apache.kafka.common.message.ApiVersionsResponseData;
import org.apache.kafka.common.message.EndTxnRequestData;
import org.apache.kafka.common.message.EndTxnResponseData;
import org.apache.kafka.common.message.InitProducerIdRequestData;
import org.apache.kafka.common.message.InitProducerIdResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Transactions that are prepared, outlive their producer, and are ended by another (KIP-939). Kafka's producer of
/// 4.4.0 has the state but sends no request of it: its InitProducerId ends at version 5. So it writes, and what
/// version 6 says is sent by its own message classes.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@ExtendWith(SharedBroker.class)
class TwoPhaseCommitTest {
    private static final short INIT_VERSION = 6;
    private static final short END_VERSION = 5;
    private static final Duration SOON = Duration.ofSeconds(60);

    private final TransactionalBroker broker;
    private final Admin admin;
    private String id = "";

    TwoPhaseCommitTest() throws Exception {
        broker = new TransactionalBroker(Map.of(
                "unstable.api.versions.enable", "true",
                "transaction.two.phase.commit.enable", "true"));
        admin = broker.admin();
    }

    @AfterAll
    void end() throws Exception {
        broker.close();
    }

    @BeforeEach
    void createTopic(TestInfo test) throws Exception {
        id = broker.createTopic(test, 1);
    }

    @AfterEach
    void closeProducers() {
        broker.closeProducers();
    }

    private KafkaProducer<String, String> producer() {
        return broker.producer(id, Map.of("transaction.two.phase.commit.enable", "true"));
    }

    private KafkaProducer<String, String> prepared(String value) throws Exception {
        KafkaProducer<String, String> producer = producer();
        producer.beginTransaction();
        producer.send(new ProducerRecord<>(id, value)).get();
        return producer;
    }

    private ApiMessage ask(ApiKeys api, int version, ApiMessage request) throws IOException {
        return TransactionalBroker.ask(broker.broker(), api, version, request);
    }

    /// Again, as clients do it, while the coordinator still reads its log or the last transaction is being ended.
    private InitProducerIdResponseData init(boolean keep, boolean twoPhase) throws IOException {
        InitProducerIdRequestData request = new InitProducerIdRequestData()
                .setTransactionalId(id)
                .setTransactionTimeoutMs(60_000)
                .setKeepPreparedTxn(keep)
                .setEnable2Pc(twoPhase);
        long deadlineNs = System.nanoTime() + SOON.toNanos();
        while (true) {
            var response = (InitProducerIdResponseData) ask(ApiKeys.INIT_PRODUCER_ID, INIT_VERSION, request);
            boolean isAnswer = !(Errors.forCode(response.errorCode()).exception() instanceof RetriableException);
            if (isAnswer || System.nanoTime() > deadlineNs) return response;
        }
    }

    private EndTxnResponseData end(InitProducerIdResponseData as, boolean commit) throws IOException {
        EndTxnRequestData request = new EndTxnRequestData()
                .setTransactionalId(id)
                .setProducerId(as.producerId())
                .setProducerEpoch(as.producerEpoch())
                .setCommitted(commit);
        return (EndTxnResponseData) ask(ApiKeys.END_TXN, END_VERSION, request);
    }

    private TransactionDescription described() throws Exception {
        return admin.describeTransactions(Set.of(id)).description(id).get();
    }

    /// What is committed, up to a record that is written now, outside of transactions.
    private List<String> committed() throws Exception {
        try (KafkaProducer<String, String> plain = new KafkaProducer<>(
                Map.of("bootstrap.servers", broker.broker().bootstrap()),
                new StringSerializer(),
                new StringSerializer())) {
            plain.send(new ProducerRecord<>(id, "last")).get();
        }
        return broker.read(id, 1, "read_committed", "last").getFirst();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void whoComesAfterwardsEndsWhatWasPrepared(boolean commit) throws Exception {
        KafkaProducer<String, String> gone = prepared("prepared");
        TransactionDescription before = described();

        broker.kill9AndRestart(() -> {});
        InitProducerIdResponseData taken = init(true, false);

        assertThat(Errors.forCode(taken.errorCode())).isEqualTo(Errors.NONE);
        assertThat(taken.ongoingTxnProducerId()).isEqualTo(before.producerId());
        assertThat(taken.ongoingTxnProducerEpoch()).isEqualTo((short) before.producerEpoch());
        assertThat(taken.producerEpoch()).isEqualTo((short) (before.producerEpoch() + 1));
        assertThat(described().state()).isEqualTo(TransactionState.ONGOING);
        assertThat(described().producerId()).isEqualTo(before.producerId());
        assertThatThrownBy(gone::commitTransaction).isInstanceOf(ProducerFencedException.class);
        EndTxnResponseData ended = end(taken, commit);
        assertThat(Errors.forCode(ended.errorCode())).isEqualTo(Errors.NONE);
        assertThat(ended.producerEpoch()).isEqualTo((short) (taken.producerEpoch() + 1));
        assertThat(committed()).isEqualTo(commit ? List.of("prepared", "last") : List.of("last"));
        producer().beginTransaction();
    }

    @Test
    void whoTookItOverIsPutOutByTheNext() throws Exception {
        var _ = prepared("prepared");
        InitProducerIdResponseData first = init(true, false);
        InitProducerIdResponseData second = init(true, false);

        assertThat(second.ongoingTxnProducerEpoch()).isEqualTo(first.ongoingTxnProducerEpoch());
        assertThat(Errors.forCode(end(first, false).errorCode())).isEqualTo(Errors.PRODUCER_FENCED);
        assertThat(Errors.forCode(end(second, true).errorCode())).isEqualTo(Errors.NONE);
        assertThat(committed()).containsExactly("prepared", "last");
        InitProducerIdResponseData nothing = init(true, false);
        assertThat(nothing.ongoingTxnProducerId()).isEqualTo(-1);
    }

    @Test
    void whatIsPreparedIsAbortedByTheAdmin() throws Exception {
        KafkaProducer<String, String> gone = prepared("prepared");
        InitProducerIdResponseData taken = init(true, false);

        admin.forceTerminateTransaction(id).result().get();

        assertThat(Errors.forCode(end(taken, true).errorCode())).isEqualTo(Errors.PRODUCER_FENCED);
        assertThatThrownBy(gone::commitTransaction).isInstanceOf(ProducerFencedException.class);
        assertThat(committed()).containsExactly("last");
    }

    @Test
    void aProducerOfATwoPhaseCommitHasNoTimeout() throws Exception {
        InitProducerIdResponseData given = init(false, true);

        assertThat(Errors.forCode(given.errorCode())).isEqualTo(Errors.NONE);
        assertThat(described().transactionTimeoutMs()).isEqualTo(Integer.MAX_VALUE);
    }

    @Test
    void itIsOfferedOnlyWhereUnstableVersionsAre(RunningBroker ordinary) throws Exception {
        assertThat(initVersion(ordinary)).isEqualTo((short) (INIT_VERSION - 1));
        assertThat(initVersion(broker.broker())).isEqualTo(INIT_VERSION);
    }

    private short initVersion(RunningBroker asked) throws IOException {
        ApiVersionsRequestData request =
                new ApiVersionsRequestData().setClientSoftwareName("n").setClientSoftwareVersion("1");
        var response = (ApiVersionsResponseData) TransactionalBroker.ask(asked, ApiKeys.API_VERSIONS, 3, request);
        return response.apiKeys().find(ApiKeys.INIT_PRODUCER_ID.id).maxVersion();
    }
}
