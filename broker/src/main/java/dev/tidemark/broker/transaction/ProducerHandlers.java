package dev.tidemark.broker.transaction;

import dev.tidemark.base.TopicPartition;
import dev.tidemark.broker.dispatch.Call;
import dev.tidemark.broker.dispatch.Handler;
import dev.tidemark.broker.handler.ApiHandler;
import dev.tidemark.broker.produce.ProducerIds;
import dev.tidemark.broker.produce.TransactionCheck;
import dev.tidemark.coordinator.group.ClientContext;
import dev.tidemark.coordinator.group.GroupCoordinator;
import dev.tidemark.coordinator.transaction.TransactionCoordinator;
import dev.tidemark.coordinator.transaction.TransactionInput;
import dev.tidemark.coordinator.transaction.TransactionReply;
import dev.tidemark.protocol.ApiKey;
import dev.tidemark.protocol.ErrorCode;
import dev.tidemark.protocol.message.AddOffsetsToTxnRequest;
import dev.tidemark.protocol.message.AddOffsetsToTxnResponse;
import dev.tidemark.protocol.message.EndTxnRequest;
import dev.tidemark.protocol.message.EndTxnResponse;
import dev.tidemark.protocol.message.InitProducerIdRequest;
import dev.tidemark.protocol.message.InitProducerIdResponse;
import dev.tidemark.protocol.message.TxnOffsetCommitRequest;
import java.util.List;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.function.LongFunction;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What transactional producers ask, but for the partitions: InitProducerId 0-5 (also without a transactional id: a
/// fresh producer id), AddOffsetsToTxn 0-4, EndTxn 0-5 (from 5 on the producer speaks transaction version 2),
/// TxnOffsetCommit 0-6 (from 5 on it makes the group's partition a part of the transaction).
///
/// InitProducerId 6, which is unstable in Kafka 4.4, is served only where unstable versions are: by it a producer takes
/// an open transaction over, and takes part in two-phase commits (KIP-939).
public final class ProducerHandlers {
    private static final Logger LOG = LoggerFactory.getLogger(ProducerHandlers.class);
    private static final short FIRST_FENCED_VERSION = 2;
    private static final short FIRST_INIT_FENCED_VERSION = 4;
    private static final short FIRST_END_WITH_EPOCH = 5;
    private static final short FIRST_OFFSETS_WITH_PARTITION = 5;
    private static final short FIRST_OFFSETS_ABORTABLE = 4;

    private final TransactionCoordinator transactions;
    private final GroupCoordinator groups;
    private final TransactionCheck gate;
    private final ProducerIds producerIds;
    private final boolean servesUnstable;

    /// @param servesUnstable `unstable.api.versions.enable`
    public ProducerHandlers(
            TransactionCoordinator transactions,
            GroupCoordinator groups,
            TransactionCheck gate,
            ProducerIds producerIds,
            boolean servesUnstable) {
        this.transactions = transactions;
        this.groups = groups;
        this.gate = gate;
        this.producerIds = producerIds;
        this.servesUnstable = servesUnstable;
    }

    public List<Handler<?>> all() {
        ApiKey init = ApiKey.INIT_PRODUCER_ID;
        short initVersion = servesUnstable ? init.highestUnstableVersion() : init.highestVersion();
        return List.of(
                new ApiHandler<>(init, InitProducerIdRequest.class, this::initProducerId, initVersion),
                new ApiHandler<>(ApiKey.ADD_OFFSETS_TO_TXN, AddOffsetsToTxnRequest.class, this::addOffsets),
                new ApiHandler<>(ApiKey.END_TXN, EndTxnRequest.class, this::endTxn),
                new ApiHandler<>(ApiKey.TXN_OFFSET_COMMIT, TxnOffsetCommitRequest.class, this::commitOffsets));
    }

    private void initProducerId(InitProducerIdRequest request, Call call) {
        String transactionalId = request.transactionalId();
        boolean isHalf = (request.producerId() < 0) != (request.producerEpoch() < 0);
        if (isHalf || (transactionalId != null && transactionalId.isEmpty())) {
            call.reply(identity(new TransactionReply.Identity(ErrorCode.INVALID_REQUEST, -1, (short) -1), call));
            return;
        }
        CompletableFuture<TransactionReply> answer = transactionalId == null
                ? freshId().thenApply(id -> new TransactionReply.Identity(ErrorCode.NONE, id, (short) 0))
                : submit(
                        transactionalId,
                        fresh -> new TransactionInput.InitProducerId(
                                request.transactionTimeoutMs(),
                                request.producerId(),
                                request.producerEpoch(),
                                request.keepPreparedTxn(),
                                request.enable2Pc(),
                                fresh));
        var _ = answer.whenComplete((reply, failure) -> {
            if (failure != null) LOG.warn("No producer id for a client: {}", failure.toString());
            call.reply(identity(reply == null ? refused(ErrorCode.COORDINATOR_LOAD_IN_PROGRESS) : reply, call));
        });
        if (!answer.isDone()) call.next();
    }

    private static InitProducerIdResponse identity(TransactionReply reply, Call call) {
        if (reply instanceof TransactionReply.Kept(var id, var epoch, var ongoingId, var ongoingEpoch))
            return new InitProducerIdResponse(0, ErrorCode.NONE.code(), id, epoch, ongoingId, ongoingEpoch);
        TransactionReply.Identity identity = identity(reply);
        ErrorCode error = identity.error();
        if (error == ErrorCode.PRODUCER_FENCED && call.version() < FIRST_INIT_FENCED_VERSION)
            error = ErrorCode.INVALID_PRODUCER_EPOCH;
        return InitProducerIdResponse.builder()
                .errorCode(error.code())
                .producerId(identity.producerId())
                .producerEpoch(identity.epoch())
                .build();
    }

    private static TransactionReply.Identity identity(TransactionReply reply) {
        return switch (reply) {
            case TransactionReply.Identity identity -> identity;
            case TransactionReply.Failed(var error) -> refused(error);
            default -> refused(ErrorCode.UNKNOWN_SERVER_ERROR);
        };
    }

    private static TransactionReply.Identity refused(ErrorCode error) {
        return new TransactionReply.Identity(error, -1, (short) -1);
    }

    /// Gives the input, and once more with a fresh producer id where that is needed.
    private CompletableFuture<TransactionReply> submit(
            String transactionalId, LongFunction<? extends TransactionInput> input) {
        return transactions
                .submit(transactionalId, input.apply(-1))
                .thenCompose(reply -> reply instanceof TransactionReply.NeedsProducerId
                        ? freshId().thenCompose(id -> transactions.submit(transactionalId, input.apply(id)))
                        : CompletableFuture.completedFuture(reply));
    }

    private CompletableFuture<Long> freshId() {
        return producerIds.next();
    }

    private void endTxn(EndTxnRequest request, Call call) {
        if (request.transactionalId().isEmpty()) {
            call.reply(EndTxnResponse.builder()
                    .errorCode(ErrorCode.INVALID_REQUEST)
                    .build());
            return;
        }
        short clientVersion = (short) (call.version() >= FIRST_END_WITH_EPOCH ? 2 : 0);
        CompletableFuture<TransactionReply> answer = submit(
                request.transactionalId(),
                fresh -> new TransactionInput.End(
                        request.producerId(), request.producerEpoch(), request.committed(), clientVersion, fresh));
        var _ = answer.whenComplete((reply, failure) -> {
            TransactionReply.Identity identity =
                    reply == null ? refused(ErrorCode.COORDINATOR_NOT_AVAILABLE) : identity(reply);
            call.reply(EndTxnResponse.builder()
                    .errorCode(fenced(identity.error(), call))
                    .producerId(identity.producerId())
                    .producerEpoch(identity.epoch())
                    .build());
        });
        if (!answer.isDone()) call.next();
    }

    /// Clients of old have another word for it.
    private static ErrorCode fenced(ErrorCode error, Call call) {
        return error == ErrorCode.PRODUCER_FENCED && call.version() < FIRST_FENCED_VERSION
                ? ErrorCode.INVALID_PRODUCER_EPOCH
                : error;
    }

    private TopicPartition partitionOf(String groupId) {
        return new TopicPartition(GroupCoordinator.OFFSETS_TOPIC, groups.partitionFor(groupId));
    }

    private void addOffsets(AddOffsetsToTxnRequest request, Call call) {
        TopicPartition partition = partitionOf(request.groupId());
        TransactionInput input = new TransactionInput.AddPartitions(
                request.producerId(), request.producerEpoch(), new TreeSet<>(List.of(partition)), (short) 0);
        CompletableFuture<TransactionReply> answer = transactions.submit(request.transactionalId(), input);
        var _ = answer.thenAccept(reply -> {
            ErrorCode error = switch (reply) {
                case TransactionReply.Partitions(var errors) ->
                    errors.getOrDefault(partition, ErrorCode.UNKNOWN_SERVER_ERROR);
                case TransactionReply.Failed(var failure) -> failure;
                default -> ErrorCode.UNKNOWN_SERVER_ERROR;
            };
            call.reply(AddOffsetsToTxnResponse.builder()
                    .errorCode(fenced(error, call))
                    .build());
        });
        if (!answer.isDone()) call.next();
    }

    private void commitOffsets(TxnOffsetCommitRequest request, Call call) {
        TransactionCheck.Question question = new TransactionCheck.Question(
                request.transactionalId(),
                request.producerId(),
                request.producerEpoch(),
                partitionOf(request.groupId()),
                call.version() >= FIRST_OFFSETS_WITH_PARTITION);
        var answer = groups.txnOffsetCommit(
                new ClientContext(call.clientId(), call.clientHost(), call.version()),
                request,
                () -> gate.ask(question).thenApply(error -> toOffsets(error, call)));
        var _ = answer.thenAccept(call::reply);
        if (!answer.isDone()) call.next();
    }

    /// What the other coordinator said, so that the client asks this one again where it may.
    private static ErrorCode toOffsets(ErrorCode error, Call call) {
        return switch (error) {
            case NOT_COORDINATOR, COORDINATOR_NOT_AVAILABLE, CONCURRENT_TRANSACTIONS ->
                ErrorCode.COORDINATOR_LOAD_IN_PROGRESS;
            case TRANSACTION_ABORTABLE ->
                call.version() < FIRST_OFFSETS_ABORTABLE
                        ? ErrorCode.INVALID_TXN_STATE
                        : ErrorCode.TRANSACTION_ABORTABLE;
            default -> error;
        };
    }
}
