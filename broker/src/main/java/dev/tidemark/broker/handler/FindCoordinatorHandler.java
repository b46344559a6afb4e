package dev.tidemark.broker.handler;

import dev.tidemark.broker.cluster.ClusterView;
import dev.tidemark.broker.dispatch.Call;
import dev.tidemark.broker.dispatch.Handler;
import dev.tidemark.metadata.image.BrokerEndpoint;
import dev.tidemark.metadata.image.BrokerRegistration;
import dev.tidemark.metadata.image.TopicImage;
import dev.tidemark.protocol.ApiKey;
import dev.tidemark.protocol.ErrorCode;
import dev.tidemark.protocol.message.FindCoordinatorRequest;
import dev.tidemark.protocol.message.FindCoordinatorResponse;
import dev.tidemark.protocol.message.FindCoordinatorResponse.Coordinator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.ToIntFunction;

/// FindCoordinator 0-6: one key up to version 3, many from 4 on. A group's coordinator is the leader of its partition
/// of `__consumer_offsets`, a transactional id's that of `__transaction_state`; the first who asks has them created.
public final class FindCoordinatorHandler implements Handler<FindCoordinatorRequest> {
    private static final byte GROUP = 0;
    private static final byte TRANSACTION = 1;
    private static final short FIRST_BATCHED_VERSION = 4;
    private static final int KEYS_MAX = 10_000;
    private static final String OFFSETS_TOPIC = "__consumer_offsets";
    private static final String TRANSACTION_TOPIC = "__transaction_state";

    private final ClusterView cluster;
    private final AutoTopicCreation creation;
    private final ToIntFunction<String> partitionForGroup;
    private final ToIntFunction<String> partitionForTransactionalId;

    /// @param partitionForGroup the partition of `__consumer_offsets` that a group belongs to
    /// @param partitionForTransactionalId the partition of `__transaction_state` that an id belongs to
    public FindCoordinatorHandler(
            ClusterView cluster,
            AutoTopicCreation creation,
            ToIntFunction<String> partitionForGroup,
            ToIntFunction<String> partitionForTransactionalId) {
        this.cluster = cluster;
        this.creation = creation;
        this.partitionForGroup = partitionForGroup;
        this.partitionForTransactionalId = partitionForTransactionalId;
    }

    @Override
    public ApiKey api() {
        return ApiKey.FIND_COORDINATOR;
    }

    @Override
    public Class<FindCoordinatorRequest> requestType() {
        return FindCoordinatorRequest.class;
    }

    @Override
    public void handle(FindCoordinatorRequest request, Call call) {
        if (request.coordinatorKeys().size() > KEYS_MAX) {
            call.closeConnection("a search for the coordinators of "
                    + request.coordinatorKeys().size() + " keys; the most is " + KEYS_MAX);
        } else if (!isServed(request.keyType())
                || cluster.image().topics().topic(topicOf(request.keyType())).isPresent()) {
            call.reply(answer(request, call));
        } else {
            var _ = creation.create(Set.of(topicOf(request.keyType())))
                    .whenComplete((created, failure) -> call.reply(answer(request, call)));
        }
    }

    private FindCoordinatorResponse answer(FindCoordinatorRequest request, Call call) {
        if (call.version() >= FIRST_BATCHED_VERSION) {
            List<Coordinator> found = request.coordinatorKeys().stream()
                    .map(key -> find(request.keyType(), key, call.listener()))
                    .toList();
            return FindCoordinatorResponse.builder().coordinators(found).build();
        }
        Coordinator found = find(request.keyType(), request.key(), call.listener());
        return FindCoordinatorResponse.builder()
                .errorCode(found.errorCode())
                .errorMessage(found.errorMessage())
                .nodeId(found.nodeId())
                .host(found.host())
                .port(found.port())
                .build();
    }

    private Coordinator find(byte keyType, String key, String listener) {
        if (!isServed(keyType)) {
            return failed(
                    key, ErrorCode.INVALID_REQUEST, "coordinators of key type " + keyType + " are not served here");
        }
        String name = topicOf(keyType);
        Optional<TopicImage> topic = cluster.image().topics().topic(name);
        if (topic.isEmpty()) return notAvailable(key, name);
        int partition = (keyType == GROUP ? partitionForGroup : partitionForTransactionalId).applyAsInt(key);
        Optional<BrokerRegistration> leader = topic.get()
                .partition(partition)
                .flatMap(registration -> cluster.leader(topic.get(), partition, registration));
        if (leader.isEmpty()) return notAvailable(key, name);
        Optional<BrokerEndpoint> endpoint = leader.get().endpoint(listener);
        return endpoint.isEmpty() ? notAvailable(key, name) : at(key, leader.get(), endpoint.get());
    }

    private static Coordinator at(String key, BrokerRegistration broker, BrokerEndpoint endpoint) {
        return Coordinator.builder()
                .key(key)
                .nodeId(broker.id())
                .host(endpoint.host())
                .port(endpoint.port())
                .build();
    }

    private static boolean isServed(byte keyType) {
        return keyType == GROUP || keyType == TRANSACTION;
    }

    private static String topicOf(byte keyType) {
        return keyType == GROUP ? OFFSETS_TOPIC : TRANSACTION_TOPIC;
    }

    private static Coordinator notAvailable(String key, String topic) {
        return failed(
                key,
                ErrorCode.COORDINATOR_NOT_AVAILABLE,
                "the partition of " + topic + " that it belongs to has no leader yet");
    }

    private static Coordinator failed(String key, ErrorCode error, String message) {
        return Coordinator.builder()
                .key(key)
                .nodeId(-1)
                .host("")
                .port(-1)
                .errorCode(error.code())
                .errorMessage(message)
                .build();
    }
}
