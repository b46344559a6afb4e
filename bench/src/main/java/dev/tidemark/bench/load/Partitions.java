package dev.tidemark.bench.load;

import dev.tidemark.bench.broker.Node;
import dev.tidemark.bench.broker.WireConnection;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.message.CreateTopicsRequestData;
import org.apache.kafka.common.message.CreateTopicsRequestData.CreatableTopic;
import org.apache.kafka.common.message.ListOffsetsRequestData.ListOffsetsPartition;
import org.apache.kafka.common.message.ListOffsetsRequestData.ListOffsetsTopic;
import org.apache.kafka.common.message.ListOffsetsResponseData.ListOffsetsPartitionResponse;
import org.apache.kafka.common.message.ProduceRequestData;
import org.apache.kafka.common.message.ProduceRequestData.PartitionProduceData;
import org.apache.kafka.common.message.ProduceRequestData.TopicProduceData;
import org.apache.kafka.common.message.ProduceRequestData.TopicProduceDataCollection;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.SimpleRecord;
import org.apache.kafka.common.requests.CreateTopicsRequest;
import org.apache.kafka.common.requests.CreateTopicsResponse;
import org.apache.kafka.common.requests.ListOffsetsRequest;
import org.apache.kafka.common.requests.ListOffsetsResponse;
import org.apache.kafka.common.requests.ProduceRequest;
import org.apache.kafka.common.requests.ProduceResponse;

/// Many partitions at once over one connection: creates them, waits until each takes a record, asks for their ends.
public final class Partitions implements AutoCloseable {
    private static final int TIMEOUT_MS = 120_000;
    private static final Duration LIMIT = Duration.ofMinutes(5);
    private static final int PARTITIONS_PER_REQUEST = 1_000;
    private static final int POLL_MS = 10;

    private final WireConnection connection;

    public Partitions(Node node) throws IOException {
        connection = new WireConnection(node, TIMEOUT_MS);
    }

    @Override
    public void close() throws IOException {
        connection.close();
    }

    public void create(List<String> topics, int partitionsEach) throws IOException {
        CreateTopicsRequestData data = new CreateTopicsRequestData().setTimeoutMs(TIMEOUT_MS);
        for (String topic : topics) {
            data.topics()
                    .add(new CreatableTopic()
                            .setName(topic)
                            .setNumPartitions(partitionsEach)
                            .setReplicationFactor((short) 1));
        }
        CreateTopicsResponse response =
                connection.ask(new CreateTopicsRequest.Builder(data).build((short) 7), CreateTopicsResponse.class);
        for (var result : response.data().topics()) {
            if (result.errorCode() != 0) throw new IOException("create " + result.name() + ": " + result);
        }
    }

    /// Writes one record to every partition, again where it was refused, until each has taken one.
    public void awaitWritable(List<TopicPartition> partitions) throws IOException, InterruptedException {
        List<TopicPartition> waiting = new ArrayList<>(partitions);
        long deadlineNs = System.nanoTime() + LIMIT.toNanos();
        while (true) {
            List<TopicPartition> refused = new ArrayList<>();
            for (int from = 0; from < waiting.size(); from += PARTITIONS_PER_REQUEST) {
                refused.addAll(write(waiting.subList(from, Math.min(waiting.size(), from + PARTITIONS_PER_REQUEST))));
            }
            if (refused.isEmpty()) return;
            if (System.nanoTime() > deadlineNs) throw new IOException(refused.size() + " partitions take no record");
            waiting = refused;
            TimeUnit.MILLISECONDS.sleep(POLL_MS);
        }
    }

    private Set<TopicPartition> write(List<TopicPartition> partitions) throws IOException {
        TopicProduceDataCollection topics = new TopicProduceDataCollection();
        for (TopicPartition partition : partitions) {
            TopicProduceData topic = topics.find(partition.topic(), Uuid.ZERO_UUID);
            if (topic == null) {
                topic = new TopicProduceData().setName(partition.topic());
                topics.add(topic);
            }
            topic.partitionData()
                    .add(new PartitionProduceData()
                            .setIndex(partition.partition())
                            .setRecords(oneRecord()));
        }
        ProduceRequestData data = new ProduceRequestData()
                .setAcks((short) 1)
                .setTimeoutMs(TIMEOUT_MS)
                .setTopicData(topics);
        ProduceResponse response = connection.ask(new ProduceRequest(data, (short) 9), ProduceResponse.class);
        Set<TopicPartition> refused = new HashSet<>(partitions);
        response.data()
                .responses()
                .forEach(topic -> topic.partitionResponses().forEach(answer -> {
                    if (answer.errorCode() == Errors.NONE.code())
                        refused.remove(new TopicPartition(topic.name(), answer.index()));
                }));
        return refused;
    }

    private static MemoryRecords oneRecord() {
        return MemoryRecords.withRecords(
                Compression.NONE, new SimpleRecord(System.currentTimeMillis(), new byte[] {1}, new byte[100]));
    }

    /// Asks again until every partition of the topic tells its end.
    ///
    /// @return the sum of the log end offsets
    public long awaitEnds(String topic, int count) throws IOException, InterruptedException {
        long deadlineNs = System.nanoTime() + LIMIT.toNanos();
        while (true) {
            List<ListOffsetsPartitionResponse> ends = ends(topic, count);
            if (ends.stream().allMatch(end -> end.errorCode() == Errors.NONE.code())) {
                return ends.stream()
                        .mapToLong(ListOffsetsPartitionResponse::offset)
                        .sum();
            }
            if (System.nanoTime() > deadlineNs) throw new IOException("not all partitions served: " + ends);
            TimeUnit.MILLISECONDS.sleep(POLL_MS);
        }
    }

    private List<ListOffsetsPartitionResponse> ends(String topic, int count) throws IOException {
        ListOffsetsTopic asked = new ListOffsetsTopic().setName(topic);
        for (int i = 0; i < count; i++) {
            asked.partitions()
                    .add(new ListOffsetsPartition()
                            .setPartitionIndex(i)
                            .setTimestamp(ListOffsetsRequest.LATEST_TIMESTAMP));
        }
        ListOffsetsRequest request = ListOffsetsRequest.Builder.forConsumer(true, IsolationLevel.READ_UNCOMMITTED)
                .setTargetTimes(List.of(asked))
                .build((short) 7);
        return connection
                .ask(request, ListOffsetsResponse.class)
                .data()
                .topics()
                .getFirst()
                .partitions();
    }
}
