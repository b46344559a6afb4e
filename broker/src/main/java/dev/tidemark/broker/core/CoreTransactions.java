package dev.tidemark.broker.core;

import dev.tidemark.broker.cluster.ClusterView;
import dev.tidemark.broker.config.BrokerConfiguration;
import dev.tidemark.broker.dispatch.Handler;
import dev.tidemark.broker.handler.ApiVersionsHandler;
import dev.tidemark.broker.partition.LeadershipListener;
import dev.tidemark.broker.partition.Partitions;
import dev.tidemark.broker.peer.PeerPurpose;
import dev.tidemark.broker.peer.PeerReply;
import dev.tidemark.broker.peer.Peers;
import dev.tidemark.broker.produce.ProducerIds;
import dev.tidemark.broker.produce.TransactionCheck;
import dev.tidemark.broker.transaction.AddPartitionsToTxnHandler;
import dev.tidemark.broker.transaction.MarkerTarget;
import dev.tidemark.broker.transaction.MarkerWriter;
import dev.tidemark.broker.transaction.ProducerHandlers;
import dev.tidemark.broker.transaction.Remote;
import dev.tidemark.broker.transaction.TransactionAdminHandlers;
import dev.tidemark.broker.transaction.TransactionGate;
import dev.tidemark.broker.transaction.TransactionLeadership;
import dev.tidemark.broker.transaction.WriteTxnMarkersHandler;
import dev.tidemark.coordinator.group.GroupCoordinator;
import dev.tidemark.coordinator.transaction.TransactionCoordinator;
import dev.tidemark.metadata.image.FeatureRange;
import dev.tidemark.metadata.image.TopicImage;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// What a broker needs for transactions, joined: the coordinator, its markers on their way, the check before a
/// transaction's first record.
final class CoreTransactions {
    static final String FEATURE = "transaction.version";
    static final FeatureRange VERSIONS = new FeatureRange(0, 2);
    private static final long ANSWER_TIMEOUT_MS = 10_000;

    private final ClusterView cluster;
    private final GroupCoordinator groups;
    private final BrokerConfiguration configuration;
    private final BrokerWorld world;
    private final TransactionCoordinator coordinator;
    private final MarkerTarget target;
    private final TransactionGate gate;
    private volatile @Nullable MarkerWriter writer;

    CoreTransactions(
            BrokerWorld world,
            ClusterView cluster,
            Partitions partitions,
            BrokerConfiguration configuration,
            GroupCoordinator groups,
            Peers peers) {
        this.world = world;
        this.cluster = cluster;
        this.groups = groups;
        this.configuration = configuration;
        this.coordinator = new TransactionCoordinator(
                () -> CoreConfigs.transactions(configuration.broker()),
                () -> cluster.image()
                        .topics()
                        .topic(TransactionCoordinator.TRANSACTION_TOPIC)
                        .map(TopicImage::partitionCount)
                        .orElse(0),
                world.loops(),
                world.background(),
                (partition, epoch, id, markers) ->
                        Objects.requireNonNull(writer).write(partition, epoch, id, markers));
        this.target = new MarkerTarget(partitions, groups, world.clock());
        Remote remote = (nodeId, request) -> peers.send(nodeId, PeerPurpose.COORDINATION, request, ANSWER_TIMEOUT_MS)
                .thenApply(PeerReply::detach);
        this.writer = new MarkerWriter(cluster, target, remote, world.loops().apply(0), coordinator);
        this.gate =
                new TransactionGate(cluster, coordinator, remote, world.loops().apply(0));
    }

    LeadershipListener leadership() {
        return new TransactionLeadership(coordinator, world.diskThreads(), world.clock());
    }

    TransactionCheck check() {
        return gate;
    }

    int partitionFor(String transactionalId) {
        return coordinator.partitionFor(transactionalId);
    }

    List<Handler<?>> handlers(ProducerIds producerIds) {
        boolean servesUnstable = configuration.broker().booleanValue("unstable.api.versions.enable");
        ProducerHandlers producers = new ProducerHandlers(coordinator, groups, gate, producerIds, servesUnstable);
        List<Handler<?>> handlers = new ArrayList<>(producers.all());
        handlers.add(new AddPartitionsToTxnHandler(coordinator, cluster));
        handlers.add(new WriteTxnMarkersHandler(target));
        handlers.addAll(new TransactionAdminHandlers(coordinator, world.clock()).all());
        return handlers;
    }

    ApiVersionsHandler.Feature feature() {
        int level = cluster.image().features().level(FEATURE);
        return new ApiVersionsHandler.Feature(
                FEATURE, (short) VERSIONS.minVersion(), (short) VERSIONS.maxVersion(), (short) level);
    }

    void stop() {
        coordinator.shutdown();
    }
}
