package dev.tidemark.bench.scenario;

import dev.tidemark.bench.broker.RunningBroker;
import dev.tidemark.bench.broker.RunningCluster;
import dev.tidemark.bench.load.ClusterAdmin;
import dev.tidemark.bench.load.Partitions;
import dev.tidemark.bench.load.SequenceWriter;
import dev.tidemark.bench.report.Row;
import java.io.IOException;
import java.time.Duration;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/// An idempotent producer at acks=all with default time-outs writes to partitions of three replicas, and a broker goes:
/// from that moment until every partition has acknowledged a record that was sent after it. Where asked for, the broker
/// then starts again, until it is in all in-sync sets.
final class ClusterFailoverScenario implements Scenario {
    /// Longer than the producer's two minutes for a record: what it gives up in them is told as refused.
    private static final Duration LIMIT = Duration.ofMinutes(4);
    private static final String TOPIC = "failover";
    private static final int RECORDS_PER_SECOND = 500;
    private static final int SETTLE_SECONDS = 5;

    private final String name;
    private final int partitions;
    private final Victim victim;
    private final Row row;
    private final @Nullable Row returnRow;

    ClusterFailoverScenario(String name, int partitions, Victim victim, Row row, @Nullable Row returnRow) {
        this.name = name;
        this.partitions = partitions;
        this.victim = victim;
        this.row = row;
        this.returnRow = returnRow;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public Set<Row> rows() {
        Set<Row> rows = new HashSet<>(Set.of(row));
        if (returnRow != null) rows.add(returnRow);
        return rows;
    }

    @Override
    public void run(Stage stage) throws IOException, InterruptedException {
        try (RunningCluster cluster = stage.cluster();
                ClusterAdmin admin = new ClusterAdmin(cluster, stage.product())) {
            int controller = admin.controller();
            int other = controller % Stage.CLUSTER_NODES + 1;
            int leader = victim == Victim.BOTH ? controller : other;
            admin.createLedBy(leader, TOPIC, partitions, Stage.CLUSTER_NODES);
            awaitWritable(cluster.broker(leader));
            RunningBroker gone = cluster.broker(victim == Victim.CONTROLLER ? controller : leader);
            try (SequenceWriter writer =
                    new SequenceWriter(cluster.bootstrap(), TOPIC, partitions, RECORDS_PER_SECOND, Map.of())) {
                writer.mark();
                writer.awaitAckOfAll(LIMIT);
                TimeUnit.SECONDS.sleep(SETTLE_SECONDS);
                writer.mark();
                if (victim == Victim.STOPPED) gone.terminate();
                else gone.kill9();
                stage.put(row, writer.awaitAckOfAll(LIMIT).toNanos() / 1e6);
                comeBack(stage, gone, admin);
                writer.finish();
                if (!writer.refused().isEmpty()) throw new IOException("refused: " + writer.refused());
            }
        }
    }

    /// Apache Kafka names a leader before it leads, and an idempotent producer whose first batches it refused can
    /// then be out of sequence for ever: 25 of 2,000 partitions were, in one run.
    private void awaitWritable(RunningBroker leader) throws IOException, InterruptedException {
        try (Partitions each = new Partitions(leader.node())) {
            each.awaitWritable(IntStream.range(0, partitions)
                    .mapToObj(partition -> new TopicPartition(TOPIC, partition))
                    .toList());
        }
    }

    private void comeBack(Stage stage, RunningBroker gone, ClusterAdmin admin)
            throws IOException, InterruptedException {
        if (returnRow == null) return;
        gone.launch();
        gone.awaitFirstAnswer();
        admin.awaitWhole(TOPIC, LIMIT);
        stage.put(returnRow, gone.sinceStart().toNanos() / 1e6);
    }
}
