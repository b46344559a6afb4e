package dev.tidemark.bench.load;

import dev.tidemark.bench.broker.BrokerUnderTest;
import dev.tidemark.bench.broker.RunningCluster;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.Node;

/// What a scenario asks of a cluster besides its load, through Kafka's admin client.
public final class ClusterAdmin implements AutoCloseable {
    private static final int TIMEOUT_S = 60;
    private static final short REPLICAS = 3;
    private static final long SETTLED_NS = 2_000_000_000L;
    private static final int NOBODY = -1;

    private final Admin admin;
    private final boolean isKafka;

    public ClusterAdmin(RunningCluster cluster, BrokerUnderTest product) {
        admin = Admin.create(Map.of("bootstrap.servers", cluster.bootstrap()));
        isKafka = product.name().equals("kafka");
    }

    @Override
    public void close() {
        admin.close(Duration.ofSeconds(2));
    }

    /// Leaders and replicas as the product spreads them.
    public void create(String topic, int partitions, Map<String, String> configs)
            throws IOException, InterruptedException {
        create(new NewTopic(topic, partitions, REPLICAS).configs(configs));
    }

    /// All partitions led by one broker.
    public void createLedBy(int leader, String topic, int partitions, int brokers)
            throws IOException, InterruptedException {
        Map<Integer, List<Integer>> assignment = new HashMap<>();
        for (int partition = 0; partition < partitions; partition++) {
            List<Integer> replicas = new ArrayList<>(List.of(leader));
            for (int i = 0; i < brokers; i++) {
                int other = (partition + i) % brokers + 1;
                if (other != leader) replicas.add(other);
            }
            assignment.put(partition, replicas);
        }
        create(new NewTopic(topic, assignment));
    }

    private void create(NewTopic topic) throws IOException, InterruptedException {
        get(admin.createTopics(List.of(topic)).all());
        while (!isWhole(topic.name())) TimeUnit.MILLISECONDS.sleep(20);
    }

    /// Who is the controller, once that has not changed for a while: among brokers that have just started another may
    /// soon take over.
    public int controller() throws IOException, InterruptedException {
        int controller = named();
        for (long sinceNs = System.nanoTime(); System.nanoTime() - sinceNs < SETTLED_NS; ) {
            TimeUnit.MILLISECONDS.sleep(100);
            int now = named();
            if (now == controller && now != NOBODY) continue;
            controller = now;
            sinceNs = System.nanoTime();
        }
        return controller;
    }

    /// Of Kafka's quorum the leader, as its brokers name any of them to clients.
    private int named() throws IOException, InterruptedException {
        if (isKafka) return get(admin.describeMetadataQuorum().quorumInfo()).leaderId();
        Node node = get(admin.describeCluster().controller());
        return node == null ? NOBODY : node.id();
    }

    /// Waits until every replica of the topic is in sync.
    public void awaitWhole(String topic, Duration limit) throws IOException, InterruptedException {
        long deadlineNs = System.nanoTime() + limit.toNanos();
        while (!isWhole(topic)) {
            if (System.nanoTime() > deadlineNs) throw new IOException("not all replicas of " + topic + " are in sync");
            TimeUnit.MILLISECONDS.sleep(20);
        }
    }

    private boolean isWhole(String topic) throws InterruptedException {
        try {
            return get(admin.describeTopics(List.of(topic)).topicNameValues().get(topic)).partitions().stream()
                    .allMatch(partition -> partition.leader() != null
                            && partition.isr().size() == partition.replicas().size());
        } catch (IOException notNow) {
            return false;
        }
    }

    private static <T> T get(KafkaFuture<T> future) throws IOException, InterruptedException {
        try {
            return future.get(TIMEOUT_S, TimeUnit.SECONDS);
        } catch (ExecutionException | TimeoutException e) {
            throw new IOException(String.valueOf(e.getCause() == null ? e : e.getCause()), e);
        }
    }
}
