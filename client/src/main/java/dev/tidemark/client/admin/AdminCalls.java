package dev.tidemark.client.admin;

import dev.tidemark.base.TopicPartition;
import dev.tidemark.client.BrokerErrorException;
import dev.tidemark.client.ClientConfig;
import dev.tidemark.client.ClientException;
import dev.tidemark.client.DisconnectedException;
import dev.tidemark.client.Node;
import dev.tidemark.client.TimedOutException;
import dev.tidemark.client.UnreachableException;
import dev.tidemark.client.cluster.Await;
import dev.tidemark.client.cluster.Backoff;
import dev.tidemark.client.cluster.ClusterClient;
import dev.tidemark.client.cluster.ClusterMetadata;
import dev.tidemark.client.cluster.Coordinators;
import dev.tidemark.client.network.Call;
import dev.tidemark.client.network.Transport.Lane;
import dev.tidemark.protocol.ErrorCode;
import dev.tidemark.protocol.message.Request;
import dev.tidemark.protocol.message.Response;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// Requests of the admin client with their retries, in the caller's thread. Holds no state but the cluster's.
final class AdminCalls {
    private final ClusterClient cluster;
    private final Coordinators coordinators;
    private final Backoff backoff;

    AdminCalls(ClusterClient cluster) {
        this.cluster = cluster;
        this.coordinators = new Coordinators(cluster);
        this.backoff = Backoff.of(cluster.config());
    }

    ClientConfig config() {
        return cluster.config();
    }

    ClusterClient cluster() {
        return cluster;
    }

    <R extends Response> Call<R> call(Request request, Class<R> responseType) {
        return Call.of(request, responseType, config().requestTimeoutMs());
    }

    /// Makes `attempt` until it succeeds, fails for good, or the time is over. A broker that cannot be reached at all
    /// is told at once when nothing was ever heard from the cluster: then the address is likely to be wrong.
    <T> T retrying(Attempt<T> attempt) throws InterruptedException {
        long deadlineNs = System.nanoTime() + config().apiTimeoutMs() * 1_000_000L;
        for (int failures = 1; ; failures++) {
            try {
                long leftMs = Math.max(1, (deadlineNs - System.nanoTime()) / 1_000_000);
                return Await.await(attempt.make(), leftMs);
            } catch (ClientException failure) {
                long waitMs = backoff.delayMs(failures);
                boolean isOver = System.nanoTime() + waitMs * 1_000_000 >= deadlineNs;
                boolean isWrongAddress = failure instanceof UnreachableException
                        && cluster.metadata().nodes().isEmpty();
                if (!failure.isRetriable() || isWrongAddress || isOver || failure instanceof TimedOutException)
                    throw failure;
                if (failure instanceof DisconnectedException || isStale(failure)) coordinators.forget();
                Thread.sleep(waitMs);
            }
        }
    }

    private static boolean isStale(ClientException failure) {
        return failure instanceof BrokerErrorException broker
                && switch (broker.error()) {
                    case NOT_COORDINATOR, COORDINATOR_NOT_AVAILABLE, NOT_CONTROLLER -> true;
                    default -> false;
                };
    }

    interface Attempt<T> {
        CompletableFuture<T> make() throws InterruptedException;
    }

    <R extends Response> R any(Call<R> call) throws InterruptedException {
        return retrying(() -> cluster.sendToAny(call));
    }

    /// To the controller, as far as one is known; asked again while it is moving.
    ///
    /// @param errorsOf the errors in the response, to see whether another broker has to be asked
    <R extends Response> R controller(Call<R> call, Function<R, List<Short>> errorsOf) throws InterruptedException {
        return retrying(() -> cluster.refresh(List.of(), false)
                .thenCompose(metadata -> {
                    Node controller = metadata.nodes().get(metadata.controllerId());
                    return controller == null ? cluster.sendToAny(call) : cluster.send(controller, Lane.MAIN, call);
                })
                .thenApply(response -> failIfAny(response, errorsOf.apply(response), ErrorCode.NOT_CONTROLLER)));
    }

    private static <R> R failIfAny(R response, List<Short> errors, ErrorCode retried) {
        if (errors.contains(retried.code())) throw BrokerErrorException.of(retried);
        return response;
    }

    /// To the coordinator of a group.
    ///
    /// @param errorOf the error that may tell that another broker coordinates the group, or that it is too
    ///     early to ask
    <R extends Response> R coordinator(String groupId, Call<R> call, Function<R, ErrorCode> errorOf)
            throws InterruptedException {
        return coordinator(() -> coordinators.ofGroup(groupId), call, errorOf);
    }

    /// To the coordinator of a transactional id.
    ///
    /// @param errorOf as in [#coordinator]
    <R extends Response> R transactionCoordinator(String transactionalId, Call<R> call, Function<R, ErrorCode> errorOf)
            throws InterruptedException {
        return coordinator(() -> coordinators.ofTransactionalId(transactionalId), call, errorOf);
    }

    private <R extends Response> R coordinator(Attempt<Node> who, Call<R> call, Function<R, ErrorCode> errorOf)
            throws InterruptedException {
        return retrying(() -> who.make()
                .thenCompose(node -> cluster.send(node, Lane.COORDINATOR, call))
                .thenApply(response -> {
                    ErrorCode error = errorOf.apply(response);
                    boolean isTooEarly =
                            error == ErrorCode.UNSTABLE_OFFSET_COMMIT || error == ErrorCode.CONCURRENT_TRANSACTIONS;
                    if (isTooEarly || Coordinators.isAboutCoordinator(error)) throw BrokerErrorException.of(error);
                    return response;
                }));
    }

    <R extends Response> R node(Node node, Call<R> call) throws InterruptedException {
        return retrying(() -> cluster.send(node, Lane.MAIN, call));
    }

    /// All brokers, fresh.
    Collection<Node> nodes() throws InterruptedException {
        return retrying(() -> cluster.refresh(List.of(), false)).nodes().values();
    }

    /// Asks the leader of each partition, and again those that answer that they are not, until the time is over.
    ///
    /// @param request makes the request to one leader
    <R extends Response, T> Map<TopicPartition, Result<T>> leaders(
            Collection<TopicPartition> partitions,
            Function<List<TopicPartition>, Call<R>> request,
            Function<R, Map<TopicPartition, Result<T>>> resultsOf)
            throws InterruptedException {
        Map<TopicPartition, Result<T>> results = new LinkedHashMap<>();
        List<TopicPartition> open = List.copyOf(partitions);
        long deadlineNs = System.nanoTime() + config().apiTimeoutMs() * 1_000_000L;
        for (int failures = 1; !open.isEmpty(); failures++) {
            results.putAll(askLeaders(open, request, resultsOf));
            open = open.stream().filter(each -> isLeadership(results.get(each))).toList();
            long waitMs = backoff.delayMs(failures);
            if (open.isEmpty() || System.nanoTime() + waitMs * 1_000_000 >= deadlineNs) break;
            Thread.sleep(waitMs);
        }
        return results;
    }

    private static boolean isLeadership(@Nullable Result<?> result) {
        return result != null
                && switch (result.error()) {
                    case NOT_LEADER_OR_FOLLOWER,
                            LEADER_NOT_AVAILABLE,
                            FENCED_LEADER_EPOCH,
                            UNKNOWN_LEADER_EPOCH,
                            OFFSET_NOT_AVAILABLE,
                            REPLICA_NOT_AVAILABLE -> true;
                    default -> false;
                };
    }

    private <R extends Response, T> Map<TopicPartition, Result<T>> askLeaders(
            List<TopicPartition> partitions,
            Function<List<TopicPartition>, Call<R>> request,
            Function<R, Map<TopicPartition, Result<T>>> resultsOf)
            throws InterruptedException {
        var topics = new TreeSet<String>();
        for (TopicPartition partition : partitions) topics.add(partition.topic());
        ClusterMetadata metadata = retrying(() -> cluster.refresh(topics, false));
        Map<TopicPartition, Result<T>> results = new HashMap<>();
        Map<Node, List<TopicPartition>> byLeader = new LinkedHashMap<>();
        for (TopicPartition partition : partitions) {
            Node leader = metadata.leader(partition);
            if (leader != null)
                byLeader.computeIfAbsent(leader, node -> new ArrayList<>()).add(partition);
            else results.put(partition, Result.failed(whyNoLeader(metadata, partition), null));
        }
        Map<Node, CompletableFuture<R>> asked = new LinkedHashMap<>();
        byLeader.forEach((leader, led) -> asked.put(leader, cluster.send(leader, Lane.MAIN, request.apply(led))));
        for (Map.Entry<Node, CompletableFuture<R>> each : asked.entrySet()) {
            try {
                results.putAll(resultsOf.apply(Await.await(each.getValue(), config().requestTimeoutMs())));
            } catch (DisconnectedException gone) {
                Result<T> lost = Result.failed(ErrorCode.LEADER_NOT_AVAILABLE, gone.getMessage());
                for (TopicPartition partition : byLeader.getOrDefault(each.getKey(), List.of()))
                    results.put(partition, lost);
            }
        }
        return results;
    }

    private static ErrorCode whyNoLeader(ClusterMetadata metadata, TopicPartition partition) {
        ClusterMetadata.Topic topic = metadata.topic(partition.topic());
        if (topic == null) return ErrorCode.UNKNOWN_TOPIC_OR_PARTITION;
        if (topic.error() != ErrorCode.NONE) return topic.error();
        return metadata.partition(partition) == null
                ? ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
                : ErrorCode.LEADER_NOT_AVAILABLE;
    }
}
