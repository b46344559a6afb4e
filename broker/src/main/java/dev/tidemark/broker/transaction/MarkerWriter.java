package dev.tidemark.broker.transaction;

import dev.tidemark.base.TopicPartition;
import dev.tidemark.base.time.Loop;
import dev.tidemark.broker.cluster.ClusterView;
import dev.tidemark.coordinator.runtime.EndMarker;
import dev.tidemark.coordinator.transaction.TransactionCoordinator;
import dev.tidemark.coordinator.transaction.TransactionInput;
import dev.tidemark.coordinator.transaction.TransactionReply;
import dev.tidemark.coordinator.transaction.WriteMarkers;
import dev.tidemark.metadata.image.PartitionRegistration;
import dev.tidemark.protocol.ErrorCode;
import dev.tidemark.protocol.message.WriteTxnMarkersRequest;
import dev.tidemark.protocol.message.WriteTxnMarkersResponse;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Carries the coordinator's decisions to the leaders of the partitions, again and again until each has its marker,
/// the partition is gone for good, or this broker coordinates no more.
public final class MarkerWriter implements TransactionCoordinator.MarkerOutbox {
    private static final Logger LOG = LoggerFactory.getLogger(MarkerWriter.class);
    private static final long RETRY_MS = 100;

    /// So often a partition that the metadata does not know is looked for: the metadata may be late.
    private static final int LOOKS_FOR_UNKNOWN = 50;

    private final ClusterView cluster;
    private final MarkerTarget target;
    private final Remote remote;
    private final Loop loop;
    private final TransactionCoordinator coordinator;

    public MarkerWriter(
            ClusterView cluster, MarkerTarget target, Remote remote, Loop loop, TransactionCoordinator coordinator) {
        this.cluster = cluster;
        this.target = target;
        this.remote = remote;
        this.loop = loop;
        this.coordinator = coordinator;
    }

    @Override
    public void write(int partition, int coordinatorEpoch, String transactionalId, WriteMarkers markers) {
        Errand errand = new Errand(partition, coordinatorEpoch, transactionalId, markers);
        loop.run(errand::attempt);
    }

    /// One decision on its way. Owner: its monitor, held shortly.
    private final class Errand {
        private final int shard;
        private final int coordinatorEpoch;
        private final String transactionalId;
        private final WriteMarkers markers;
        private final SortedSet<TopicPartition> left;
        private int attempts;

        Errand(int shard, int coordinatorEpoch, String transactionalId, WriteMarkers markers) {
            this.shard = shard;
            this.coordinatorEpoch = coordinatorEpoch;
            this.transactionalId = transactionalId;
            this.markers = markers;
            this.left = new TreeSet<>(markers.partitions());
        }

        void attempt() {
            if (!coordinator.isLedIn(shard, coordinatorEpoch)) return;
            SortedMap<Integer, SortedSet<TopicPartition>> byLeader = new TreeMap<>();
            SortedMap<TopicPartition, ErrorCode> unknown = new TreeMap<>();
            synchronized (this) {
                attempts++;
                for (TopicPartition partition : left) {
                    Optional<PartitionRegistration> known =
                            cluster.image().topics().partition(partition);
                    if (known.isEmpty()) unknown.put(partition, ErrorCode.UNKNOWN_TOPIC_OR_PARTITION);
                    else if (!known.get().hasLeader()) unknown.put(partition, ErrorCode.LEADER_NOT_AVAILABLE);
                    else
                        byLeader.computeIfAbsent(known.get().leader(), _ -> new TreeSet<>())
                                .add(partition);
                }
            }
            CompletableFuture<?>[] asked = byLeader.entrySet().stream()
                    .map(leader -> send(leader.getKey(), leader.getValue()).thenAccept(this::onAnswers))
                    .toArray(CompletableFuture[]::new);
            onAnswers(unknown);
            var _ = CompletableFuture.allOf(asked).whenComplete((_, failure) -> {
                if (failure != null) LOG.warn("Markers of {} did not arrive: {}", transactionalId, failure.toString());
                if (!isDone()) loop.runAfter(RETRY_MS, this::attempt);
            });
        }

        private synchronized boolean isDone() {
            return left.isEmpty();
        }

        private void onAnswers(Map<TopicPartition, ErrorCode> answers) {
            SortedSet<TopicPartition> written = new TreeSet<>();
            synchronized (this) {
                answers.forEach((partition, error) -> {
                    if (isOver(partition, error) && left.remove(partition)) written.add(partition);
                });
            }
            if (!written.isEmpty()) tell(written);
        }

        /// The coordinator may not be able to write that down just now, for want of replicas in sync. It is told until
        /// it can: nobody else would end the transaction, and its producer could never begin another one.
        private void tell(SortedSet<TopicPartition> written) {
            if (!coordinator.isLedIn(shard, coordinatorEpoch)) return;
            TransactionInput input =
                    new TransactionInput.MarkersWritten(markers.producerId(), markers.epoch(), written);
            var _ = coordinator.submit(transactionalId, input).thenAccept(reply -> {
                if (reply instanceof TransactionReply.Failed) loop.runAfter(RETRY_MS, () -> tell(written));
            });
        }

        /// A partition that knows a later epoch of the producer has had its marker.
        private boolean isOver(TopicPartition partition, ErrorCode error) {
            boolean isGone = error == ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
                    && attempts >= LOOKS_FOR_UNKNOWN
                    && cluster.image().topics().partition(partition).isEmpty();
            return error == ErrorCode.NONE || error == ErrorCode.INVALID_PRODUCER_EPOCH || isGone;
        }

        private CompletableFuture<Map<TopicPartition, ErrorCode>> send(
                int leader, SortedSet<TopicPartition> partitions) {
            if (leader == cluster.nodeId()) return local(partitions);
            WriteTxnMarkersRequest request = MarkerMessages.request(coordinatorEpoch, markers, partitions);
            return remote.send(leader, request).handle((response, failure) -> {
                if (response instanceof WriteTxnMarkersResponse answer) return MarkerMessages.errors(answer);
                LOG.debug("Broker {} did not take markers: {} {}", leader, response, failure);
                return Map.of();
            });
        }

        private CompletableFuture<Map<TopicPartition, ErrorCode>> local(SortedSet<TopicPartition> partitions) {
            EndMarker marker = new EndMarker(
                    markers.producerId(), markers.epoch(), markers.commit(), coordinatorEpoch, markers.clientVersion());
            SortedMap<TopicPartition, CompletableFuture<ErrorCode>> asked = new TreeMap<>();
            for (TopicPartition partition : partitions) asked.put(partition, target.write(partition, marker));
            return CompletableFuture.allOf(asked.values().toArray(CompletableFuture[]::new))
                    .thenApply(_ -> {
                        SortedMap<TopicPartition, ErrorCode> errors = new TreeMap<>();
                        asked.forEach((partition, answer) -> errors.put(partition, answer.join()));
                        return errors;
                    });
        }
    }
}
