package dev.tidemark.client.cluster;

import dev.tidemark.client.BrokerErrorException;
import dev.tidemark.client.Node;
import dev.tidemark.client.network.Call;
import dev.tidemark.protocol.ErrorCode;
import dev.tidemark.protocol.message.FindCoordinatorRequest;
import dev.tidemark.protocol.message.FindCoordinatorResponse;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;

/// Which broker coordinates a group, or a transactional id: asked once, until someone finds the answer wrong. Used by
/// any thread.
public final class Coordinators {
    private static final byte GROUP = 0;
    private static final byte TRANSACTION = 1;

    private record Key(byte type, String id) {}

    private final ClusterClient cluster;
    private final ConcurrentHashMap<Key, Node> known = new ConcurrentHashMap<>();

    public Coordinators(ClusterClient cluster) {
        this.cluster = cluster;
    }

    /// Fails with [BrokerErrorException], often COORDINATOR_NOT_AVAILABLE, which is worth a retry.
    public CompletableFuture<Node> ofGroup(String groupId) {
        return of(new Key(GROUP, groupId));
    }

    /// The same for a transactional id.
    public CompletableFuture<Node> ofTransactionalId(String transactionalId) {
        return of(new Key(TRANSACTION, transactionalId));
    }

    private CompletableFuture<Node> of(Key key) {
        Node found = known.get(key);
        if (found != null) return CompletableFuture.completedFuture(found);
        FindCoordinatorRequest newForm = FindCoordinatorRequest.builder()
                .keyType(key.type())
                .coordinatorKeys(List.of(key.id()))
                .build();
        FindCoordinatorRequest oldForm = FindCoordinatorRequest.builder()
                .keyType(key.type())
                .key(key.id())
                .build();
        var call = new Call<>(
                newForm.apiKey(),
                1,
                newForm.apiKey().highestVersion(),
                version -> version >= 4 ? newForm : oldForm,
                FindCoordinatorResponse.class,
                cluster.config().requestTimeoutMs(),
                true);
        return cluster.sendToAny(call).thenApply(response -> {
            Node node = toNode(response);
            known.put(key, node);
            return node;
        });
    }

    /// They will be asked for again.
    public void forget() {
        known.clear();
    }

    /// Whether the error tells that another broker is to be asked, or the same one later.
    public static boolean isAboutCoordinator(ErrorCode error) {
        return switch (error) {
            case NOT_COORDINATOR, COORDINATOR_NOT_AVAILABLE, COORDINATOR_LOAD_IN_PROGRESS -> true;
            default -> false;
        };
    }

    private static Node toNode(FindCoordinatorResponse response) {
        if (response.coordinators().isEmpty()) {
            failOn(response.errorCode());
            return new Node(response.nodeId(), response.host(), response.port(), null);
        }
        FindCoordinatorResponse.Coordinator found = response.coordinators().getFirst();
        failOn(found.errorCode());
        return new Node(found.nodeId(), found.host(), found.port(), null);
    }

    private static void failOn(short code) {
        ErrorCode error = ErrorCode.forCode(code);
        if (error != ErrorCode.NONE) throw BrokerErrorException.of(error);
    }
}
