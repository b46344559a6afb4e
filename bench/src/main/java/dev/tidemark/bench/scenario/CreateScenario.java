package dev.tidemark.bench.scenario;

import dev.tidemark.bench.broker.RunningBroker;
import dev.tidemark.bench.load.Partitions;
import dev.tidemark.bench.report.Row;
import java.io.IOException;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.apache.kafka.common.TopicPartition;

/// Topics of 100 partitions, ten topics in a request, from the first CreateTopics until every partition has taken a
/// record.
final class CreateScenario implements Scenario {
    private static final int PARTITIONS_PER_TOPIC = 100;
    private static final int TOPICS_PER_REQUEST = 10;

    private final int count;
    private final Row row;

    CreateScenario(int count, Row row) {
        this.count = count;
        this.row = row;
    }

    @Override
    public String name() {
        return row.id();
    }

    @Override
    public Set<Row> rows() {
        return Set.of(row);
    }

    @Override
    public boolean keepsFolder() {
        return true;
    }

    @Override
    public void run(Stage stage) throws IOException, InterruptedException {
        List<String> topics = IntStream.range(0, count / PARTITIONS_PER_TOPIC)
                .mapToObj(i -> "topic-" + i)
                .toList();
        List<TopicPartition> all = topics.stream()
                .flatMap(topic -> IntStream.range(0, PARTITIONS_PER_TOPIC).mapToObj(i -> new TopicPartition(topic, i)))
                .toList();
        try (RunningBroker broker = stage.ready();
                Partitions partitions = new Partitions(broker.node())) {
            long startNs = System.nanoTime();
            for (int from = 0; from < topics.size(); from += TOPICS_PER_REQUEST) {
                partitions.create(topics.subList(from, from + TOPICS_PER_REQUEST), PARTITIONS_PER_TOPIC);
            }
            partitions.awaitWritable(all);
            stage.put(row, (System.nanoTime() - startNs) / 1e9);
        }
    }
}
