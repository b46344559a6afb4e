package dev.tidemark.client.producer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tidemark.base.Bytes;
import dev.tidemark.client.BrokerAddress;
import dev.tidemark.client.BrokerErrorException;
import dev.tidemark.client.ClientConfig;
import dev.tidemark.client.TimedOutException;
import dev.tidemark.client.network.BatchesToSend;
import dev.tidemark.client.network.Call;
import dev.tidemark.client.network.Transport;
import dev.tidemark.protocol.ErrorCode;
import dev.tidemark.protocol.message.InitProducerIdResponse;
import dev.tidemark.protocol.message.MetadataResponse;
import dev.tidemark.protocol.message.ProduceRequest;
import dev.tidemark.protocol.message.ProduceResponse;
import dev.tidemark.protocol.message.Request;
import dev.tidemark.protocol.message.Response;
import dev.tidemark.protocol.record.BatchHeader;
import dev.tidemark.protocol.record.Record;
import dev.tidemark.protocol.record.RecordReader;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// The producer against a broker of a few lines: one topic, one partition, checked sequence numbers, and errors that a
/// test tells it to answer first.
final class ProducerTest {
    /// Owner: the transport's lock. Answers at once, in the caller's thread.
    private static final class OneBroker implements Transport {
        final Queue<ErrorCode> errors = new ConcurrentLinkedQueue<>();
        final List<String> log = new ArrayList<>();
        final List<String> identities = new ArrayList<>();
        int nextSequence;
        int recordsMax = Integer.MAX_VALUE;
        boolean hasLeader = true;
        short epoch = -1;

        @Override
        public synchronized <R extends Response> CompletableFuture<R> send(BrokerAddress to, Lane lane, Call<R> call) {
            Request request = call.body().apply((short) call.highestVersion());
            Response response = switch (call.api()) {
                case METADATA -> metadata();
                case INIT_PRODUCER_ID ->
                    InitProducerIdResponse.builder()
                            .producerId(7)
                            .producerEpoch(0)
                            .build();
                case PRODUCE -> produce((ProduceRequest) request);
                default -> throw new IllegalStateException(call.api().toString());
            };
            return CompletableFuture.completedFuture(call.responseType().cast(response));
        }

        private MetadataResponse metadata() {
            return MetadataResponse.builder()
                    .brokers(List.of(MetadataResponse.MetadataResponseBroker.builder()
                            .nodeId(1)
                            .host("h")
                            .port(1)
                            .build()))
                    .topics(List.of(MetadataResponse.MetadataResponseTopic.builder()
                            .name("t")
                            .partitions(List.of(MetadataResponse.MetadataResponsePartition.builder()
                                    .leaderId(hasLeader ? 1 : -1)
                                    .build()))
                            .build()))
                    .build();
        }

        private ProduceResponse produce(ProduceRequest request) {
            var records =
                    request.topicData().getFirst().partitionData().getFirst().records();
            ByteBuffer bytes = ((BatchesToSend) Objects.requireNonNull(records)).buffer();
            BatchHeader batch = BatchHeader.of(bytes);
            long baseOffset = log.size();
            ErrorCode error = append(batch);
            return ProduceResponse.builder()
                    .responses(List.of(ProduceResponse.TopicProduceResponse.builder()
                            .name("t")
                            .partitionResponses(List.of(ProduceResponse.PartitionProduceResponse.builder()
                                    .errorCode(error)
                                    .baseOffset(baseOffset)
                                    .build()))
                            .build()))
                    .build();
        }

        private ErrorCode append(BatchHeader batch) {
            assertThat(batch.isCrcValid()).isTrue();
            identities.add(batch.producerId() + "/" + batch.producerEpoch() + "/" + batch.baseSequence());
            ErrorCode told = errors.poll();
            if (told != null && told != ErrorCode.NONE) return told;
            if (batch.recordCount() > recordsMax) return ErrorCode.MESSAGE_TOO_LARGE;
            if (batch.producerEpoch() > epoch) {
                epoch = batch.producerEpoch();
                nextSequence = 0;
            }
            if (batch.hasProducerId() && batch.baseSequence() != nextSequence)
                return ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER;
            for (Record record : RecordReader.readAll(batch, 1 << 20)) {
                Bytes value = record.value();
                log.add(value == null ? "" : value.toUtf8());
            }
            nextSequence += batch.recordCount();
            return ErrorCode.NONE;
        }

        @Override
        public void close() {}
    }

    private final OneBroker broker = new OneBroker();

    private Producer producer(ProducerConfig config) {
        return Producer.create(config, broker, (record, partitions) -> 0, List.of());
    }

    private static ProducerConfig config() {
        return ProducerConfig.of(ClientConfig.of("h:1"));
    }

    private static List<RecordMetadata> send(Producer producer, int count) throws Exception {
        List<CompletableFuture<RecordMetadata>> futures = new ArrayList<>();
        for (int i = 0; i < count; i++) futures.add(producer.send(ProducerRecord.of("t", (String) null, "v" + i)));
        producer.flush();
        List<RecordMetadata> written = new ArrayList<>();
        for (var future : futures) written.add(future.get(60, TimeUnit.SECONDS));
        return written;
    }

    private static List<String> values(int count) {
        List<String> values = new ArrayList<>();
        for (int i = 0; i < count; i++) values.add("v" + i);
        return values;
    }

    @Test
    void writesInOrderAndTellsOffsets() throws Exception {
        try (Producer producer = producer(config())) {
            List<RecordMetadata> written = send(producer, 1000);

            assertThat(broker.log).isEqualTo(values(1000));
            for (int i = 0; i < 1000; i++) assertThat(written.get(i).offset()).isEqualTo(i);
        }
    }

    @Test
    void failuresOnTheWayNeitherLoseNorDoubleNorMix() throws Exception {
        broker.errors.addAll(List.of(
                ErrorCode.NONE, ErrorCode.NOT_ENOUGH_REPLICAS, ErrorCode.NONE, ErrorCode.NOT_LEADER_OR_FOLLOWER));
        // Batches of a few records each, several under way.
        try (Producer producer = producer(config().withBatching(200, 0))) {
            send(producer, 100);

            assertThat(broker.log).isEqualTo(values(100));
        }
    }

    @Test
    void aBrokerThatForgotTheProducerGetsANewEpoch() throws Exception {
        broker.errors.add(ErrorCode.UNKNOWN_PRODUCER_ID);
        try (Producer producer = producer(config())) {
            send(producer, 3);

            assertThat(broker.log).isEqualTo(values(3));
            assertThat(broker.identities.getFirst()).isEqualTo("7/0/0");
            assertThat(broker.identities.getLast()).isEqualTo("7/1/0");
        }
    }

    @Test
    void aBatchThatIsTooLargeGoesInParts() throws Exception {
        broker.recordsMax = 10;
        try (Producer producer = producer(config().withBatching(100_000, 20))) {
            send(producer, 64);

            assertThat(broker.log).isEqualTo(values(64));
        }
    }

    @Test
    void aRefusalForGoodFailsTheRecord() throws Exception {
        broker.errors.add(ErrorCode.TOPIC_AUTHORIZATION_FAILED);
        try (Producer producer = producer(config())) {
            CompletableFuture<RecordMetadata> future = producer.send(ProducerRecord.of("t", "k", "v"));
            producer.flush();

            assertThatThrownBy(() -> future.get(60, TimeUnit.SECONDS))
                    .isInstanceOf(ExecutionException.class)
                    .cause()
                    .isInstanceOfSatisfying(
                            BrokerErrorException.class,
                            failure -> assertThat(failure.error()).isEqualTo(ErrorCode.TOPIC_AUTHORIZATION_FAILED));
            assertThat(send(producer, 1)).as("and the next goes").hasSize(1);
        }
    }

    @Test
    void whatCannotBeDeliveredInTimeFailsAndFreesItsMemory() throws Exception {
        broker.hasLeader = false;
        ProducerConfig config = config().withDeliveryTimeoutMs(600).withBounds(1_000, 1_000);
        try (Producer producer = producer(config)) {
            for (int round = 0; round < 2; round++) {
                CompletableFuture<RecordMetadata> future =
                        producer.send(ProducerRecord.of("t", (String) null, "x".repeat(900)));
                assertThatThrownBy(() -> future.get(60, TimeUnit.SECONDS))
                        .cause()
                        .isInstanceOf(TimedOutException.class)
                        .hasMessageContaining("no leader of t-0");
            }
        }
    }

    @Test
    void aRecordThatNeverFitsIsRefusedAtOnce() throws Exception {
        try (Producer producer = producer(config().withBounds(1 << 20, 100))) {
            CompletableFuture<RecordMetadata> future =
                    producer.send(ProducerRecord.of("t", (String) null, "x".repeat(200)));

            @Nullable Throwable failure = future.exceptionNow();
            assertThat(failure).hasMessageContaining("100 at most");
            assertThat(broker.identities).isEmpty();
        }
    }
}
