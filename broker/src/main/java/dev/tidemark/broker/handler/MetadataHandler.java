package dev.tidemark.broker.handler;

import dev.tidemark.base.Uuid;
import dev.tidemark.broker.cluster.ClusterView;
import dev.tidemark.broker.cluster.Departures;
import dev.tidemark.broker.dispatch.Call;
import dev.tidemark.broker.dispatch.Handler;
import dev.tidemark.metadata.controller.TopicNames;
import dev.tidemark.metadata.image.BrokerRegistration;
import dev.tidemark.metadata.image.PartitionRegistration;
import dev.tidemark.metadata.image.TopicImage;
import dev.tidemark.protocol.ApiKey;
import dev.tidemark.protocol.ErrorCode;
import dev.tidemark.protocol.message.MetadataRequest;
import dev.tidemark.protocol.message.MetadataRequest.MetadataRequestTopic;
import dev.tidemark.protocol.message.MetadataResponse;
import dev.tidemark.protocol.message.MetadataResponse.MetadataResponseBroker;
import dev.tidemark.protocol.message.MetadataResponse.MetadataResponsePartition;
import dev.tidemark.protocol.message.MetadataResponse.MetadataResponseTopic;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Metadata 0-13. Topics by name, from version 12 on by id too. A partition's leader is named only while it serves the
/// partition. Unknown topics are created where the client and `auto.create.topics.enable` allow it; the reply then
/// waits for them, so that the client need not come again. Nor need it where leaders have just died and others are
/// about to take their places: see [Departures]. What is told is what is known when the reply leaves: behind produce
/// requests that waited for a dead follower it would be news of the past, and send clients back to dead leaders.
public final class MetadataHandler implements Handler<MetadataRequest> {
    private static final int CREATIONS_PER_REQUEST_MAX = 100;
    /// Versions 10 and 11 carry topic ids, but cannot answer without a name.
    private static final int FIRST_BY_ID = 12;

    private static final long LOOK_AGAIN_MS = 10;

    private final ClusterView cluster;
    private final AutoTopicCreation creation;
    private final Departures departures;

    public MetadataHandler(ClusterView cluster, AutoTopicCreation creation, Departures departures) {
        this.cluster = cluster;
        this.creation = creation;
        this.departures = departures;
    }

    @Override
    public ApiKey api() {
        return ApiKey.METADATA;
    }

    @Override
    public Class<MetadataRequest> requestType() {
        return MetadataRequest.class;
    }

    @Override
    public void handle(MetadataRequest request, Call call) {
        Set<String> missing = request.allowAutoTopicCreation() ? missing(request) : Set.of();
        if (missing.isEmpty() || !creation.isEnabled()) {
            replyWithLeaders(request, call);
        } else {
            var _ = creation.create(missing)
                    .whenComplete((created, failure) -> call.replyInTurn(() -> response(request, call)));
        }
    }

    private void replyWithLeaders(MetadataRequest request, Call call) {
        if (!awaitsLeaders(request)) {
            call.replyInTurn(() -> response(request, call));
            return;
        }
        call.next();
        lookAgain(request, call);
    }

    private void lookAgain(MetadataRequest request, Call call) {
        var _ = call.loop().runAfter(LOOK_AGAIN_MS, () -> {
            if (call.connection().isOpen() && awaitsLeaders(request)) lookAgain(request, call);
            else call.replyInTurn(() -> response(request, call));
        });
    }

    private boolean awaitsLeaders(MetadataRequest request) {
        if (request.topics() == null) return false;
        for (MetadataRequestTopic asked : request.topics()) {
            Optional<TopicImage> topic = asked.topicId().isZero()
                    ? cluster.image().topics().topic(String.valueOf(asked.name()))
                    : cluster.image().topics().topic(asked.topicId());
            if (topic.filter(departures::concern).isPresent()) return true;
        }
        return false;
    }

    private Set<String> missing(MetadataRequest request) {
        Set<String> missing = new LinkedHashSet<>();
        if (request.topics() == null) return missing;
        for (MetadataRequestTopic topic : request.topics()) {
            String name = topic.name();
            if (name != null
                    && topic.topicId().isZero()
                    && TopicNames.isValid(name)
                    && cluster.image().topics().topic(name).isEmpty()
                    && missing.size() < CREATIONS_PER_REQUEST_MAX) {
                missing.add(name);
            }
        }
        return missing;
    }

    private MetadataResponse response(MetadataRequest request, Call call) {
        List<MetadataResponseBroker> brokers = new ArrayList<>();
        for (ClusterView.Reachable reachable : cluster.brokers(call.listener())) {
            brokers.add(new MetadataResponseBroker(
                    reachable.broker().id(),
                    reachable.endpoint().host(),
                    reachable.endpoint().port(),
                    reachable.broker().rack()));
        }
        return MetadataResponse.builder()
                .brokers(brokers)
                .clusterId(cluster.image().clusterId())
                .controllerId(cluster.image().controller().brokerId())
                .topics(topics(request, call))
                .clusterAuthorizedOperations(
                        request.includeClusterAuthorizedOperations()
                                ? AuthorizedOperations.CLUSTER
                                : AuthorizedOperations.NOT_ASKED)
                .build();
    }

    private List<MetadataResponseTopic> topics(MetadataRequest request, Call call) {
        List<MetadataResponseTopic> topics = new ArrayList<>();
        boolean withOperations = request.includeTopicAuthorizedOperations();
        if (asksForAll(request, call)) {
            for (TopicImage topic : cluster.image().topics().byName().values()) {
                topics.add(describe(topic, withOperations));
            }
            return topics;
        }
        for (MetadataRequestTopic asked : new LinkedHashSet<>(request.topics())) {
            topics.add(answer(asked, withOperations, call.version() >= FIRST_BY_ID));
        }
        return topics;
    }

    private static boolean asksForAll(MetadataRequest request, Call call) {
        return request.topics() == null
                || (call.version() == 0 && request.topics().isEmpty());
    }

    private MetadataResponseTopic answer(MetadataRequestTopic asked, boolean withOperations, boolean mayBeById) {
        if (mayBeById && !asked.topicId().isZero()) {
            return cluster.image()
                    .topics()
                    .topic(asked.topicId())
                    .map(topic -> describe(topic, withOperations))
                    .orElseGet(() -> failed(ErrorCode.UNKNOWN_TOPIC_ID, null, asked.topicId()));
        }
        String name = asked.name();
        if (name == null || !TopicNames.isValid(name)) {
            return failed(ErrorCode.INVALID_TOPIC_EXCEPTION, name == null ? "" : name, Uuid.ZERO);
        }
        return cluster.image()
                .topics()
                .topic(name)
                .map(topic -> describe(topic, withOperations))
                .orElseGet(() -> failed(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, name, Uuid.ZERO));
    }

    private static MetadataResponseTopic failed(ErrorCode error, @Nullable String name, Uuid id) {
        return MetadataResponseTopic.builder()
                .errorCode(error.code())
                .name(name)
                .topicId(id)
                .isInternal(name != null && ClusterView.isInternal(name))
                .build();
    }

    private MetadataResponseTopic describe(TopicImage topic, boolean withOperations) {
        List<MetadataResponsePartition> partitions = new ArrayList<>(topic.partitionCount());
        for (int index = 0; index < topic.partitionCount(); index++) {
            partitions.add(describe(topic, index));
        }
        return MetadataResponseTopic.builder()
                .name(topic.name())
                .topicId(topic.id())
                .isInternal(ClusterView.isInternal(topic.name()))
                .partitions(partitions)
                .topicAuthorizedOperations(withOperations ? AuthorizedOperations.TOPIC : AuthorizedOperations.NOT_ASKED)
                .build();
    }

    private MetadataResponsePartition describe(TopicImage topic, int index) {
        PartitionRegistration partition = topic.partitions().get(index);
        Optional<BrokerRegistration> leader =
                cluster.leader(topic, index, partition).filter(broker -> !departures.isGone(broker));
        return MetadataResponsePartition.builder()
                .errorCode(leader.isPresent() ? ErrorCode.NONE.code() : ErrorCode.LEADER_NOT_AVAILABLE.code())
                .partitionIndex(index)
                .leaderId(leader.map(BrokerRegistration::id).orElse(PartitionRegistration.NO_LEADER))
                .leaderEpoch(partition.leaderEpoch())
                .replicaNodes(partition.replicas())
                .isrNodes(partition.isr())
                .offlineReplicas(cluster.offlineReplicas(topic, index, partition.replicas()))
                .build();
    }
}
