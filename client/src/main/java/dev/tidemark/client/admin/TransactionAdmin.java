package dev.tidemark.client.admin;

import dev.tidemark.base.TopicPartition;
import dev.tidemark.client.BrokerErrorException;
import dev.tidemark.client.Node;
import dev.tidemark.protocol.ErrorCode;
import dev.tidemark.protocol.message.DescribeProducersRequest;
import dev.tidemark.protocol.message.DescribeProducersResponse;
import dev.tidemark.protocol.message.DescribeTransactionsRequest;
import dev.tidemark.protocol.message.DescribeTransactionsResponse;
import dev.tidemark.protocol.message.InitProducerIdRequest;
import dev.tidemark.protocol.message.InitProducerIdResponse;
import dev.tidemark.protocol.message.ListTransactionsRequest;
import dev.tidemark.protocol.message.ListTransactionsResponse;
import dev.tidemark.protocol.message.WriteTxnMarkersRequest;
import dev.tidemark.protocol.message.WriteTxnMarkersRequest.WritableTxnMarker;
import dev.tidemark.protocol.message.WriteTxnMarkersRequest.WritableTxnMarkerTopic;
import dev.tidemark.protocol.message.WriteTxnMarkersResponse;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// Transactions: what their coordinators know, what partitions hold of them, and how to end one that nobody ends
/// (KIP-664).
public final class TransactionAdmin {
    private static final long NO_OFFSET = -1;
    private static final long ANY_AGE = -1;
    private static final int SHORTEST_TIMEOUT_MS = 1;

    private final AdminCalls calls;

    TransactionAdmin(AdminCalls calls) {
        this.calls = calls;
    }

    /// @param state such as `Ongoing` or `CompleteCommit`
    /// @param coordinator the broker's id
    public record Listing(String transactionalId, int coordinator, long producerId, String state) {}

    /// @param startMs of the newest transaction by the coordinator's clock, -1 if there was none
    /// @param partitions that take part; of a transaction that is decided, those that lack its end
    public record Description(
            String transactionalId,
            long producerId,
            short producerEpoch,
            String state,
            int timeoutMs,
            long startMs,
            List<TopicPartition> partitions) {}

    /// A transaction that is open as its partition sees it.
    ///
    /// @param lastTimestampMs of the producer's newest record
    /// @param coordinatorEpoch of whoever ended the producer's last transaction there, -1 if there was none
    public record Open(
            TopicPartition partition,
            long producerId,
            short producerEpoch,
            int coordinatorEpoch,
            long firstOffset,
            long lastTimestampMs) {}

    /// Of all brokers, by transactional id in order.
    ///
    /// @param states empty for any
    /// @param olderThanMs only transactions that are open for longer; negative for all
    public List<Listing> list(List<String> states, long olderThanMs) throws InterruptedException {
        return list(ListTransactionsRequest.builder()
                .stateFilters(states)
                .durationFilter(olderThanMs)
                .build());
    }

    private List<Listing> list(ListTransactionsRequest request) throws InterruptedException {
        Map<String, Listing> listings = new TreeMap<>();
        for (Node node : calls.nodes()) {
            ListTransactionsResponse response = calls.node(node, calls.call(request, ListTransactionsResponse.class));
            ErrorCode error = ErrorCode.forCode(response.errorCode());
            if (error != ErrorCode.NONE) throw BrokerErrorException.of(error);
            for (var each : response.transactionStates())
                listings.put(
                        each.transactionalId(),
                        new Listing(each.transactionalId(), node.id(), each.producerId(), each.transactionState()));
        }
        return List.copyOf(listings.values());
    }

    /// An id that no coordinator knows is TRANSACTIONAL_ID_NOT_FOUND.
    public Result<Description> describe(String transactionalId) throws InterruptedException {
        var request = DescribeTransactionsRequest.builder()
                .transactionalIds(List.of(transactionalId))
                .build();
        DescribeTransactionsResponse response = calls.transactionCoordinator(
                transactionalId,
                calls.call(request, DescribeTransactionsResponse.class),
                answer ->
                        ErrorCode.forCode(answer.transactionStates().getFirst().errorCode()));
        var state = response.transactionStates().getFirst();
        List<TopicPartition> partitions = new ArrayList<>();
        for (var topic : state.topics())
            for (int partition : topic.partitions()) partitions.add(new TopicPartition(topic.topic(), partition));
        return Result.of(
                state.errorCode(),
                null,
                new Description(
                        transactionalId,
                        state.producerId(),
                        state.producerEpoch(),
                        state.transactionState(),
                        state.transactionTimeoutMs(),
                        state.transactionStartTimeMs(),
                        partitions));
    }

    /// What is open in each partition, as its leader knows it.
    public Map<TopicPartition, Result<List<Open>>> open(Collection<TopicPartition> partitions)
            throws InterruptedException {
        return calls.leaders(
                partitions,
                led -> calls.call(
                        DescribeProducersRequest.builder()
                                .topics(OffsetAdmin.byTopic(led, TopicPartition::partition).entrySet().stream()
                                        .map(topic -> new DescribeProducersRequest.TopicRequest(
                                                topic.getKey(), topic.getValue()))
                                        .toList())
                                .build(),
                        DescribeProducersResponse.class),
                TransactionAdmin::toOpen);
    }

    private static Map<TopicPartition, Result<List<Open>>> toOpen(DescribeProducersResponse response) {
        Map<TopicPartition, Result<List<Open>>> results = new HashMap<>();
        for (var topic : response.topics())
            for (var answer : topic.partitions()) {
                TopicPartition partition = new TopicPartition(topic.name(), answer.partitionIndex());
                List<Open> open = answer.activeProducers().stream()
                        .filter(producer -> producer.currentTxnStartOffset() != NO_OFFSET)
                        .map(producer -> new Open(
                                partition,
                                producer.producerId(),
                                (short) producer.producerEpoch(),
                                producer.coordinatorEpoch(),
                                producer.currentTxnStartOffset(),
                                producer.lastTimestamp()))
                        .toList();
                results.put(partition, Result.of(answer.errorCode(), answer.errorMessage(), open));
            }
        return results;
    }

    /// Those of `open` whose end nobody will write: no coordinator knows of an open transaction of the producer that
    /// the partition takes part in.
    public List<Open> hanging(Collection<Open> open) throws InterruptedException {
        if (open.isEmpty()) return List.of();
        Map<Long, Result<Description>> known = describeOf(open);
        return open.stream()
                .filter(one -> !isAwaited(one, known.get(one.producerId())))
                .toList();
    }

    /// What coordinators know of the producers of `open`, by producer id.
    private Map<Long, Result<Description>> describeOf(Collection<Open> open) throws InterruptedException {
        ListTransactionsRequest request = ListTransactionsRequest.builder()
                .producerIdFilters(
                        open.stream().map(Open::producerId).distinct().toList())
                .durationFilter(ANY_AGE)
                .build();
        Map<Long, Result<Description>> known = new HashMap<>();
        for (Listing listing : list(request)) known.put(listing.producerId(), describe(listing.transactionalId()));
        return known;
    }

    private static boolean isAwaited(Open open, @Nullable Result<Description> known) {
        return switch (known) {
            case null -> false;
            case Result.Ok<Description>(Description transaction) ->
                transaction.producerId() == open.producerId()
                        && transaction.partitions().contains(open.partition());
            // Where it is not known whether somebody ends it, it is not told to hang.
            case Result.Failed<Description>(ErrorCode error, String _) -> error != ErrorCode.TRANSACTIONAL_ID_NOT_FOUND;
        };
    }

    /// Takes the id from its producer and aborts what that has open, also where it waits for others to decide
    /// (KIP-939). Answers when the end is written everywhere.
    public Result<String> terminate(String transactionalId) throws InterruptedException {
        Result<Description> known = describe(transactionalId);
        if (known instanceof Result.Failed<Description>(ErrorCode error, String message))
            return Result.failed(error, message);
        var request = InitProducerIdRequest.builder()
                .transactionalId(transactionalId)
                .transactionTimeoutMs(SHORTEST_TIMEOUT_MS)
                .build();
        InitProducerIdResponse response = calls.transactionCoordinator(
                transactionalId,
                calls.call(request, InitProducerIdResponse.class),
                answer -> ErrorCode.forCode(answer.errorCode()));
        return Result.of(response.errorCode(), null, transactionalId);
    }

    /// Aborts it in its partition, whatever its coordinator says.
    public Result<Open> abort(Open open) throws InterruptedException {
        TopicPartition partition = open.partition();
        var topic = new WritableTxnMarkerTopic(partition.topic(), List.of(partition.partition()));
        var request = WriteTxnMarkersRequest.builder()
                .markers(List.of(WritableTxnMarker.builder()
                        .producerId(open.producerId())
                        .producerEpoch(open.producerEpoch())
                        .transactionResult(false)
                        .coordinatorEpoch(Math.max(0, open.coordinatorEpoch()))
                        .topics(List.of(topic))
                        .build()))
                .build();
        Map<TopicPartition, Result<Open>> results = calls.leaders(
                List.of(partition),
                _ -> calls.call(request, WriteTxnMarkersResponse.class),
                response -> Map.of(partition, Result.of(error(response), null, open)));
        return results.getOrDefault(partition, Result.failed(ErrorCode.UNKNOWN_SERVER_ERROR, null));
    }

    private static short error(WriteTxnMarkersResponse response) {
        return response.markers()
                .getFirst()
                .topics()
                .getFirst()
                .partitions()
                .getFirst()
                .errorCode();
    }
}
