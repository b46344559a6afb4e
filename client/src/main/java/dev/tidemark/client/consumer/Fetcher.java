package dev.tidemark.client.consumer;

import dev.tidemark.base.TopicPartition;
import dev.tidemark.base.Uuid;
import dev.tidemark.base.time.Loop;
import dev.tidemark.client.BrokerErrorException;
import dev.tidemark.client.ClientException;
import dev.tidemark.client.Node;
import dev.tidemark.client.cluster.Await;
import dev.tidemark.client.cluster.Backoff;
import dev.tidemark.client.cluster.ClusterClient;
import dev.tidemark.client.cluster.ClusterMetadata;
import dev.tidemark.client.network.Transport.Lane;
import dev.tidemark.protocol.ErrorCode;
import dev.tidemark.protocol.message.FetchResponse;
import dev.tidemark.protocol.record.MemoryRecords;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Keeps one fetch under way to each leader of partitions that have nothing buffered. So what is buffered is bounded by
/// one response for each broker. Owner: the consumer's serial.
final class Fetcher {
    private final ConsumerConfig config;
    private final ClusterClient cluster;
    private final Loop loop;
    private final Consumer<Runnable> serial;
    private final Positions positions;
    private final Events events;
    private final Backoff backoff;
    private final Map<Integer, Broker> brokers = new HashMap<>();
    private final Queue<FetchedRecords> fetched = new ArrayDeque<>();
    private boolean isWakeUpSet;

    /// What others have to know.
    interface Events {
        /// There is something to poll.
        void onRecords();

        /// Leaders have moved, or topics came or went.
        void onStaleMetadata();

        /// The offset is not in the log.
        void onOutOfRange(TopicPartition partition, long offset);

        /// The log was cut below what was read: where it and we agree it ends at `endOffset` in `epoch`.
        void onTruncated(TopicPartition partition, long offset, int epoch, long endOffset);

        /// Polling cannot go on.
        void onFailure(ClientException failure);
    }

    private static final class Broker {
        final FetchSession session = new FetchSession();
        boolean isBusy;
        int failures;
        long retryAtMs = Long.MIN_VALUE;
    }

    Fetcher(
            ConsumerConfig config,
            ClusterClient cluster,
            Loop loop,
            Consumer<Runnable> serial,
            Positions positions,
            Events events) {
        this.config = config;
        this.cluster = cluster;
        this.loop = loop;
        this.serial = serial;
        this.positions = positions;
        this.events = events;
        this.backoff = Backoff.of(config.client());
    }

    /// Asks for whatever can be asked for now.
    void fetch() {
        long nowMs = loop.clock().monotonicMs();
        ClusterMetadata metadata = cluster.metadata();
        Map<Node, Map<TopicPartition, FetchSession.Want>> wanted = new LinkedHashMap<>();
        for (TopicPartition partition : positions.fetchable(nowMs)) {
            Node source = source(partition, metadata, nowMs);
            if (source == null) {
                events.onStaleMetadata();
                continue;
            }
            wanted.computeIfAbsent(source, node -> new LinkedHashMap<>()).put(partition, want(partition, metadata));
        }
        wanted.forEach((leader, wants) -> {
            Broker broker = brokers.computeIfAbsent(leader.id(), id -> new Broker());
            if (!broker.isBusy && broker.retryAtMs <= nowMs) send(leader, broker, wants);
        });
        wakeUp(positions.nextRetryMs(nowMs), nowMs);
    }

    /// The replica that the leader sent us to, for as long as that counts; else the leader.
    private @Nullable Node source(TopicPartition partition, ClusterMetadata metadata, long nowMs) {
        Positions.Position position = positions.require(partition);
        Node replica = position.replica < 0 || position.replicaUntilMs <= nowMs
                ? null
                : metadata.nodes().get(position.replica);
        if (replica != null) return replica;
        position.toLeader();
        return metadata.leader(partition);
    }

    private FetchSession.Want want(TopicPartition partition, ClusterMetadata metadata) {
        ClusterMetadata.Topic topic = metadata.topic(partition.topic());
        ClusterMetadata.Partition known = metadata.partition(partition);
        return new FetchSession.Want(
                topic == null ? Uuid.ZERO : topic.id(),
                positions.require(partition).offset,
                known == null ? -1 : known.leaderEpoch(),
                positions.require(partition).leaderEpoch);
    }

    private void send(Node leader, Broker broker, Map<TopicPartition, FetchSession.Want> wants) {
        broker.isBusy = true;
        Map<TopicPartition, Long> generations = new HashMap<>();
        for (TopicPartition partition : wants.keySet())
            generations.put(partition, positions.require(partition).generation);
        FetchSession.Request request = broker.session.next(wants);
        Await.whenDone(
                cluster.send(leader, Lane.FETCH, FetchMessages.call(request, config)),
                (response, failure) -> serial.accept(() -> {
                    broker.isBusy = false;
                    if (response != null) onResponse(broker, response, wants, generations);
                    else onFailure(broker, Await.clientException(failure), wants);
                    fetch();
                }));
    }

    private void onFailure(Broker broker, ClientException failure, Map<TopicPartition, FetchSession.Want> wants) {
        broker.session.reset();
        for (TopicPartition partition : wants.keySet()) {
            Positions.Position position = positions.get(partition);
            if (position != null) position.toLeader();
        }
        if (!failure.isRetriable()) events.onFailure(failure);
        events.onStaleMetadata();
        retryLater(broker);
    }

    private void retryLater(Broker broker) {
        long nowMs = loop.clock().monotonicMs();
        broker.retryAtMs = nowMs + backoff.delayMs(++broker.failures);
        loop.runAfter(broker.retryAtMs - nowMs + 1, () -> serial.accept(this::fetch));
    }

    private void wakeUp(long atMs, long nowMs) {
        if (isWakeUpSet || atMs == Long.MAX_VALUE) return;
        isWakeUpSet = true;
        loop.runAfter(
                atMs - nowMs + 1,
                () -> serial.accept(() -> {
                    isWakeUpSet = false;
                    fetch();
                }));
    }

    private void onResponse(
            Broker broker,
            FetchResponse response,
            Map<TopicPartition, FetchSession.Want> wants,
            Map<TopicPartition, Long> generations) {
        ErrorCode error = ErrorCode.forCode(response.errorCode());
        if (error != ErrorCode.NONE) {
            broker.session.reset();
            boolean isSession =
                    error == ErrorCode.FETCH_SESSION_ID_NOT_FOUND || error == ErrorCode.INVALID_FETCH_SESSION_EPOCH;
            if (isSession) return;
            if (!error.isRetriable()) events.onFailure(BrokerErrorException.of(error));
            events.onStaleMetadata();
            retryLater(broker);
            return;
        }
        broker.failures = 0;
        broker.session.answered(response.sessionId());
        Map<Uuid, String> names = new HashMap<>();
        wants.forEach((partition, want) -> names.put(want.topicId(), partition.topic()));
        List<Node> endpoints = response.nodeEndpoints().stream()
                .map(node -> new Node(node.nodeId(), node.host(), node.port(), node.rack()))
                .toList();
        for (var topic : response.responses()) {
            String name = topic.topic().isEmpty() ? names.getOrDefault(topic.topicId(), "") : topic.topic();
            for (var data : topic.partitions()) {
                TopicPartition partition = new TopicPartition(name, data.partitionIndex());
                Positions.Position position = positions.get(partition);
                Long generation = generations.get(partition);
                FetchSession.Want want = wants.get(partition);
                if (position == null || generation == null || want == null || position.generation != generation)
                    broker.session.forget(partition);
                else onPartition(broker, partition, position, want, data, endpoints);
            }
        }
    }

    private void onPartition(
            Broker broker,
            TopicPartition partition,
            Positions.Position position,
            FetchSession.Want want,
            FetchResponse.PartitionData data,
            List<Node> endpoints) {
        ErrorCode error = ErrorCode.forCode(data.errorCode());
        if (error == ErrorCode.NONE) {
            onAnswered(broker, partition, position, want, data);
            return;
        }
        broker.session.forget(partition);
        boolean wasReplica = position.replica >= 0;
        position.toLeader();
        position.retryAtMs = loop.clock().monotonicMs() + backoff.delayMs(1);
        switch (error) {
            case OFFSET_OUT_OF_RANGE -> {
                // A replica may lack what the leader has: only the leader's word counts.
                if (!wasReplica) events.onOutOfRange(partition, want.offset());
            }
            case NOT_LEADER_OR_FOLLOWER, FENCED_LEADER_EPOCH -> onMoved(partition, position, data, endpoints);
            case UNKNOWN_LEADER_EPOCH,
                    UNKNOWN_TOPIC_OR_PARTITION,
                    UNKNOWN_TOPIC_ID,
                    INCONSISTENT_TOPIC_ID,
                    LEADER_NOT_AVAILABLE,
                    REPLICA_NOT_AVAILABLE,
                    KAFKA_STORAGE_ERROR,
                    OFFSET_NOT_AVAILABLE -> events.onStaleMetadata();
            default -> {
                if (!error.isRetriable())
                    events.onFailure(new BrokerErrorException(error, partition + ": " + error.defaultMessage()));
            }
        }
    }

    /// Where the broker named the leader (KIP-951) that one is asked at once.
    private void onMoved(
            TopicPartition partition,
            Positions.Position position,
            FetchResponse.PartitionData data,
            List<Node> endpoints) {
        var leader = data.currentLeader();
        boolean isKnown = leader.leaderId() >= 0
                && cluster.learnLeader(partition, leader.leaderId(), leader.leaderEpoch(), endpoints);
        if (isKnown) position.retryAtMs = Long.MIN_VALUE;
        else events.onStaleMetadata();
    }

    private void onAnswered(
            Broker broker,
            TopicPartition partition,
            Positions.Position position,
            FetchSession.Want want,
            FetchResponse.PartitionData data) {
        if (data.divergingEpoch().epoch() >= 0) {
            broker.session.forget(partition);
            var diverging = data.divergingEpoch();
            if (diverging.endOffset() < 0) events.onOutOfRange(partition, want.offset());
            else events.onTruncated(partition, want.offset(), diverging.epoch(), diverging.endOffset());
            return;
        }
        if (data.preferredReadReplica() >= 0) {
            position.replica = data.preferredReadReplica();
            position.replicaUntilMs =
                    loop.clock().monotonicMs() + config.client().metadataMaxAgeMs();
        }
        position.highWatermark = data.highWatermark();
        onRecords(partition, position, want, data);
    }

    private void onRecords(
            TopicPartition partition,
            Positions.Position position,
            FetchSession.Want want,
            FetchResponse.PartitionData data) {
        ByteBuffer bytes = data.records() instanceof MemoryRecords(ByteBuffer buffer) ? buffer : null;
        if (bytes == null || !bytes.hasRemaining()) return;
        position.isBuffered = true;
        fetched.add(new FetchedRecords(
                partition,
                position.generation,
                want.offset(),
                bytes,
                config.isReadCommitted() ? data.abortedTransactions() : List.of()));
        events.onRecords();
    }

    /// The next that was fetched and is still wanted; it belongs to the caller.
    @Nullable
    FetchedRecords poll() {
        for (FetchedRecords next = fetched.poll(); next != null; next = fetched.poll()) if (isWanted(next)) return next;
        return null;
    }

    /// Whether nothing happened to the partition since.
    boolean isWanted(FetchedRecords records) {
        Positions.Position position = positions.get(records.partition);
        return position != null && position.generation == records.generation;
    }

    /// Everything of it has been polled.
    void finished(FetchedRecords records) {
        Positions.Position position = positions.get(records.partition);
        if (position != null && position.generation == records.generation) position.isBuffered = false;
    }
}
