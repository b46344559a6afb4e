package dev.tidemark.broker.transaction;

import dev.tidemark.base.TopicPartition;
import dev.tidemark.base.time.Loop;
import dev.tidemark.broker.cluster.ClusterView;
import dev.tidemark.broker.produce.TransactionCheck;
import dev.tidemark.coordinator.transaction.TransactionCoordinator;
import dev.tidemark.coordinator.transaction.TransactionInput;
import dev.tidemark.coordinator.transaction.TransactionReply;
import dev.tidemark.metadata.image.PartitionRegistration;
import dev.tidemark.protocol.ErrorCode;
import dev.tidemark.protocol.message.AddPartitionsToTxnRequest;
import dev.tidemark.protocol.message.AddPartitionsToTxnRequest.AddPartitionsToTxnTopic;
import dev.tidemark.protocol.message.AddPartitionsToTxnRequest.AddPartitionsToTxnTransaction;
import dev.tidemark.protocol.message.AddPartitionsToTxnResponse;
import dev.tidemark.protocol.message.Response;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/// Asks the transaction coordinator, on this broker or another, before a partition takes the first record of a
/// transaction (KIP-890). So no record is left behind in a transaction that is over.
public final class TransactionGate implements TransactionCheck {
    private static final short V2 = 2;
    private static final long FIRST_PAUSE_MS = 2;
    private static final long PAUSE_MS_MAX = 64;

    private final ClusterView cluster;
    private final TransactionCoordinator coordinator;
    private final Remote remote;
    private final Loop loop;

    /// @param loop where questions that came too early wait
    public TransactionGate(ClusterView cluster, TransactionCoordinator coordinator, Remote remote, Loop loop) {
        this.cluster = cluster;
        this.coordinator = coordinator;
        this.remote = remote;
        this.loop = loop;
    }

    @Override
    public CompletableFuture<ErrorCode> ask(Question question) {
        return ask(question, FIRST_PAUSE_MS);
    }

    /// A producer that was told of its commit begins the next transaction while the markers of the last one are on
    /// their way. Told so, it would wait for the whole of its `retry.backoff.ms`; they are there much earlier.
    private CompletableFuture<ErrorCode> ask(Question question, long pauseMs) {
        return askOnce(question).thenCompose(error -> {
            boolean isEarly = error == ErrorCode.CONCURRENT_TRANSACTIONS && question.add();
            if (!isEarly || pauseMs > PAUSE_MS_MAX) return CompletableFuture.completedFuture(error);
            CompletableFuture<ErrorCode> answer = new CompletableFuture<>();
            loop.runAfter(pauseMs, () -> {
                var _ = ask(question, 2 * pauseMs).thenAccept(answer::complete);
            });
            return answer;
        });
    }

    private CompletableFuture<ErrorCode> askOnce(Question question) {
        int shard = coordinator.partitionFor(question.transactionalId());
        Optional<PartitionRegistration> registration =
                cluster.image().topics().partition(new TopicPartition(TransactionCoordinator.TRANSACTION_TOPIC, shard));
        if (registration.isEmpty() || !registration.get().hasLeader())
            return CompletableFuture.completedFuture(ErrorCode.COORDINATOR_NOT_AVAILABLE);
        int leader = registration.get().leader();
        return leader == cluster.nodeId() ? askHere(question) : askThere(leader, question);
    }

    private CompletableFuture<ErrorCode> askHere(Question question) {
        TreeSet<TopicPartition> partitions = new TreeSet<>(List.of(question.partition()));
        TransactionInput input = question.add()
                ? new TransactionInput.AddPartitions(question.producerId(), question.producerEpoch(), partitions, V2)
                : new TransactionInput.VerifyPartitions(question.producerId(), question.producerEpoch(), partitions);
        return coordinator.submit(question.transactionalId(), input).thenApply(reply -> switch (reply) {
            case TransactionReply.Partitions(var errors) ->
                errors.getOrDefault(question.partition(), ErrorCode.UNKNOWN_SERVER_ERROR);
            case TransactionReply.Failed(var error) -> error;
            default -> ErrorCode.UNKNOWN_SERVER_ERROR;
        });
    }

    private CompletableFuture<ErrorCode> askThere(int leader, Question question) {
        AddPartitionsToTxnRequest request = AddPartitionsToTxnRequest.builder()
                .transactions(List.of(AddPartitionsToTxnTransaction.builder()
                        .transactionalId(question.transactionalId())
                        .producerId(question.producerId())
                        .producerEpoch(question.producerEpoch())
                        .verifyOnly(!question.add())
                        .topics(List.of(new AddPartitionsToTxnTopic(
                                question.partition().topic(),
                                List.of(question.partition().partition()))))
                        .build()))
                .build();
        return remote.send(leader, request).handle((response, failure) -> error(response));
    }

    private static ErrorCode error(@Nullable Response response) {
        if (!(response instanceof AddPartitionsToTxnResponse answer)) return ErrorCode.COORDINATOR_NOT_AVAILABLE;
        if (answer.errorCode() != 0) return ErrorCode.forCode(answer.errorCode());
        for (var transaction : answer.resultsByTransaction())
            for (var topic : transaction.topicResults())
                for (var partition : topic.resultsByPartition())
                    return ErrorCode.forCode(partition.partitionErrorCode());
        return ErrorCode.UNKNOWN_SERVER_ERROR;
    }
}
