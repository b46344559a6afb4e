package dev.tidemark.broker.transaction;

import dev.tidemark.base.TopicPartition;
import dev.tidemark.base.time.Clock;
import dev.tidemark.broker.dispatch.Call;
import dev.tidemark.broker.dispatch.Handler;
import dev.tidemark.broker.handler.ApiHandler;
import dev.tidemark.coordinator.transaction.IdPattern;
import dev.tidemark.coordinator.transaction.Transaction;
import dev.tidemark.coordinator.transaction.TransactionCoordinator;
import dev.tidemark.coordinator.transaction.TransactionInput;
import dev.tidemark.coordinator.transaction.TransactionReply;
import dev.tidemark.coordinator.transaction.TransactionState;
import dev.tidemark.protocol.ApiKey;
import dev.tidemark.protocol.ErrorCode;
import dev.tidemark.protocol.message.DescribeTransactionsRequest;
import dev.tidemark.protocol.message.DescribeTransactionsResponse;
import dev.tidemark.protocol.message.DescribeTransactionsResponse.TopicData;
import dev.tidemark.protocol.message.ListTransactionsRequest;
import dev.tidemark.protocol.message.ListTransactionsResponse;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.function.Predicate;

/// DescribeTransactions 0 and ListTransactions 0-2.
public final class TransactionAdminHandlers {
    private final TransactionCoordinator transactions;
    private final Clock clock;

    public TransactionAdminHandlers(TransactionCoordinator transactions, Clock clock) {
        this.transactions = transactions;
        this.clock = clock;
    }

    public List<Handler<?>> all() {
        return List.of(
                new ApiHandler<>(ApiKey.DESCRIBE_TRANSACTIONS, DescribeTransactionsRequest.class, this::describe),
                new ApiHandler<>(ApiKey.LIST_TRANSACTIONS, ListTransactionsRequest.class, this::list));
    }

    private void describe(DescribeTransactionsRequest request, Call call) {
        List<CompletableFuture<DescribeTransactionsResponse.TransactionState>> states = new ArrayList<>();
        for (String id : request.transactionalIds()) {
            states.add(
                    transactions.submit(id, new TransactionInput.Describe()).thenApply(reply -> described(id, reply)));
        }
        CompletableFuture<Void> all = CompletableFuture.allOf(states.toArray(CompletableFuture[]::new));
        var _ = all.thenAccept(_ -> call.reply(DescribeTransactionsResponse.builder()
                .transactionStates(states.stream().map(CompletableFuture::join).toList())
                .build()));
        if (!all.isDone()) call.next();
    }

    private static DescribeTransactionsResponse.TransactionState described(String id, TransactionReply reply) {
        ErrorCode error = switch (reply) {
            case TransactionReply.Failed(var failure) -> failure;
            case TransactionReply.Described(var known) ->
                known == null ? ErrorCode.TRANSACTIONAL_ID_NOT_FOUND : ErrorCode.NONE;
            default -> ErrorCode.UNKNOWN_SERVER_ERROR;
        };
        DescribeTransactionsResponse.TransactionState.Builder state =
                DescribeTransactionsResponse.TransactionState.builder()
                        .transactionalId(id)
                        .errorCode(error.code());
        if (reply instanceof TransactionReply.Described(Transaction known) && known != null) fill(state, known);
        return state.build();
    }

    private static void fill(DescribeTransactionsResponse.TransactionState.Builder state, Transaction known) {
        SortedMap<String, List<Integer>> byTopic = new TreeMap<>();
        for (TopicPartition partition : known.partitions())
            byTopic.computeIfAbsent(partition.topic(), _ -> new ArrayList<>()).add(partition.partition());
        List<TopicData> topics = new ArrayList<>();
        byTopic.forEach((topic, partitions) -> topics.add(new TopicData(topic, partitions)));
        state.transactionState(known.state().label())
                .transactionTimeoutMs(known.timeoutMs())
                .transactionStartTimeMs(known.startMs())
                .producerId(known.producerId())
                .producerEpoch(known.epoch())
                .topics(topics);
    }

    private void list(ListTransactionsRequest request, Call call) {
        Predicate<String> pattern =
                IdPattern.of(request.transactionalIdPattern()).orElse(null);
        if (pattern == null) {
            call.reply(failed(ErrorCode.INVALID_REGULAR_EXPRESSION));
            return;
        }
        List<CompletableFuture<TransactionReply>> shards = transactions.listAll();
        CompletableFuture<Void> all = CompletableFuture.allOf(shards.toArray(CompletableFuture[]::new));
        var _ = all.thenAccept(_ -> call.reply(listed(
                request, pattern, shards.stream().map(CompletableFuture::join).toList())));
        if (!all.isDone()) call.next();
    }

    private static ListTransactionsResponse failed(ErrorCode error) {
        return ListTransactionsResponse.builder().errorCode(error).build();
    }

    /// A shard that was lost meanwhile has nothing to list; one that loads makes the list incomplete.
    private ListTransactionsResponse listed(
            ListTransactionsRequest request, Predicate<String> pattern, List<TransactionReply> shards) {
        List<ListTransactionsResponse.TransactionState> states = new ArrayList<>();
        for (TransactionReply shard : shards) {
            if (shard instanceof TransactionReply.Failed(var error) && error != ErrorCode.NOT_COORDINATOR)
                return failed(error);
            if (!(shard instanceof TransactionReply.Listed(var entries))) continue;
            for (TransactionReply.Listed.Entry entry : entries) {
                Transaction known = entry.transaction();
                boolean matches = pattern.test(entry.transactionalId());
                if (matches && isWanted(request, known))
                    states.add(new ListTransactionsResponse.TransactionState(
                            entry.transactionalId(),
                            known.producerId(),
                            known.state().label()));
            }
        }
        List<String> labels = Arrays.stream(TransactionState.values())
                .map(TransactionState::label)
                .toList();
        return ListTransactionsResponse.builder()
                .unknownStateFilters(request.stateFilters().stream()
                        .filter(label -> !labels.contains(label))
                        .toList())
                .transactionStates(states)
                .build();
    }

    private boolean isWanted(ListTransactionsRequest request, Transaction known) {
        boolean byState = request.stateFilters().isEmpty()
                || request.stateFilters().contains(known.state().label());
        boolean byProducer = request.producerIdFilters().isEmpty()
                || request.producerIdFilters().contains(known.producerId());
        boolean isOpen = known.state() == TransactionState.ONGOING
                || known.state() == TransactionState.PREPARE_COMMIT
                || known.state() == TransactionState.PREPARE_ABORT;
        boolean byAge =
                request.durationFilter() < 0 || (isOpen && clock.wallMs() - known.startMs() > request.durationFilter());
        return byState && byProducer && byAge;
    }
}
