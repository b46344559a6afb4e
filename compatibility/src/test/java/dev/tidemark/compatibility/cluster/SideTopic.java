package dev.tidemark.compatibility.cluster;

import static dev.tidemark.compatibility.cluster.Patience.await;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.bench.broker.WireConnection;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.IntPredicate;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.message.ProduceRequestData;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.SimpleRecord;
import org.apache.kafka.common.requests.ProduceRequest;
import org.apache.kafka.common.requests.ProduceResponse;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

/// A topic of one partition beside the numbers, at first led by a broker of the test's choice; it is written and read
/// one record at a time, through brokers that the test names. Owner: the test's thread.
final class SideTopic {
    private static final int SOCKET_MS = 15_000;
    private static final int ACK_MS = 3_000;
    private static final short PRODUCE_VERSION = 9;

    private final FaultRun run;
    private final String name;
    private final List<String> acknowledged = new ArrayList<>();

    private SideTopic(FaultRun run, String name) {
        this.run = run;
        this.name = name;
    }

    static SideTopic create(FaultRun run, String name, int leader) throws Exception {
        List<Integer> replicas = new ArrayList<>(List.of(leader));
        replicas.addAll(run.others(leader));
        return create(run, name, replicas);
    }

    /// With a replica on each of the others.
    static SideTopic createWithout(FaultRun run, String name, int absent) throws Exception {
        return create(run, name, run.others(absent));
    }

    /// The first is the leader, and the one that is asked.
    private static SideTopic create(FaultRun run, String name, List<Integer> replicas) throws Exception {
        int leader = replicas.getFirst();
        try (Admin admin =
                Admin.create(Map.of("bootstrap.servers", run.broker(leader).bootstrap()))) {
            admin.createTopics(List.of(new NewTopic(name, Map.of(0, replicas))))
                    .all()
                    .get(30, TimeUnit.SECONDS);
        }
        SideTopic topic = new SideTopic(run, name);
        for (int id : replicas) topic.awaitLeader(id, now -> now == leader);
        return topic;
    }

    // ---- who leads

    /// Waits until the broker tells clients of such a leader.
    void awaitLeader(int toldBy, IntPredicate wanted) throws Exception {
        await("broker " + toldBy + " tells of another leader", () -> wanted.test(leader(toldBy)));
    }

    /// -1 while there is none.
    int leader(int toldBy) throws IOException {
        return run.toldBy(toldBy, name).topicMetadata().stream()
                .flatMap(topic -> topic.partitionMetadata().stream())
                .findFirst()
                .flatMap(partition -> partition.leaderId)
                .orElse(-1);
    }

    // ---- records

    /// Has it acknowledged by all in-sync replicas, by whomever the broker `via` tells of.
    void write(int via, String value) throws Exception {
        Map<String, Object> config =
                Map.of("bootstrap.servers", run.broker(via).bootstrap(), "acks", "all", "max.block.ms", 30_000);
        try (var producer = new KafkaProducer<>(config, new StringSerializer(), new StringSerializer())) {
            producer.send(new ProducerRecord<>(name, 0, null, value)).get(60, TimeUnit.SECONDS);
        }
        acknowledged.add(value);
    }

    /// Asks this broker and no other to have the record acknowledged by all in-sync replicas.
    Errors writeAt(int broker, String value) throws IOException {
        ProduceRequestData.TopicProduceDataCollection topics = new ProduceRequestData.TopicProduceDataCollection();
        topics.add(new ProduceRequestData.TopicProduceData()
                .setName(name)
                .setPartitionData(List.of(new ProduceRequestData.PartitionProduceData()
                        .setIndex(0)
                        .setRecords(MemoryRecords.withRecords(
                                Compression.NONE,
                                new SimpleRecord(
                                        System.currentTimeMillis(), value.getBytes(StandardCharsets.UTF_8)))))));
        ProduceRequest request = ProduceRequest.builder(new ProduceRequestData()
                        .setAcks((short) -1)
                        .setTimeoutMs(ACK_MS)
                        .setTopicData(topics))
                .build(PRODUCE_VERSION);
        try (WireConnection connection = new WireConnection(run.broker(broker).node(), SOCKET_MS)) {
            ProduceResponse response = connection.ask(request, ProduceResponse.class);
            return Errors.forCode(response.data().responses().iterator().next().partitionResponses().stream()
                    .findFirst()
                    .orElseThrow()
                    .errorCode());
        }
    }

    /// All that consumers may see, by whomever the broker `via` tells of.
    List<String> read(int via) {
        TopicPartition partition = new TopicPartition(name, 0);
        Map<String, Object> config =
                Map.of("bootstrap.servers", run.broker(via).bootstrap(), "auto.offset.reset", "none");
        List<String> values = new ArrayList<>();
        try (var consumer = new KafkaConsumer<>(config, new StringDeserializer(), new StringDeserializer())) {
            consumer.assign(List.of(partition));
            consumer.seekToBeginning(List.of(partition));
            long end = consumer.endOffsets(List.of(partition)).get(partition);
            long deadlineNs = System.nanoTime() + FaultRun.RECOVERY.toNanos();
            while (consumer.position(partition) < end) {
                assertThat(System.nanoTime()).as("the time to read %s", name).isLessThan(deadlineNs);
                for (ConsumerRecord<String, String> each : consumer.poll(Duration.ofMillis(200)))
                    values.add(each.value());
            }
        }
        return values;
    }

    /// What was acknowledged is there, once and in order; beside it may be what got no answer.
    List<String> check(int via) {
        List<String> all = read(via);
        assertThat(all).doesNotHaveDuplicates().containsSubsequence(acknowledged);
        return all;
    }
}
