package dev.tidemark.broker.transaction;

import dev.tidemark.base.TopicPartition;
import dev.tidemark.broker.cluster.ClusterView;
import dev.tidemark.broker.dispatch.Call;
import dev.tidemark.broker.dispatch.Handler;
import dev.tidemark.coordinator.transaction.TransactionCoordinator;
import dev.tidemark.coordinator.transaction.TransactionInput;
import dev.tidemark.coordinator.transaction.TransactionReply;
import dev.tidemark.protocol.ApiKey;
import dev.tidemark.protocol.ErrorCode;
import dev.tidemark.protocol.message.AddPartitionsToTxnRequest;
import dev.tidemark.protocol.message.AddPartitionsToTxnRequest.AddPartitionsToTxnTopic;
import dev.tidemark.protocol.message.AddPartitionsToTxnRequest.AddPartitionsToTxnTransaction;
import dev.tidemark.protocol.message.AddPartitionsToTxnResponse;
import dev.tidemark.protocol.message.AddPartitionsToTxnResponse.AddPartitionsToTxnPartitionResult;
import dev.tidemark.protocol.message.AddPartitionsToTxnResponse.AddPartitionsToTxnResult;
import dev.tidemark.protocol.message.AddPartitionsToTxnResponse.AddPartitionsToTxnTopicResult;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.function.UnaryOperator;

/// AddPartitionsToTxn 0-5: up to 3 by producers; from 4 on by brokers, for many transactions, to add (transaction
/// version 2) or only to verify.
public final class AddPartitionsToTxnHandler implements Handler<AddPartitionsToTxnRequest> {
    private static final short FIRST_FENCED_VERSION = 2;
    private static final short FIRST_BATCHED_VERSION = 4;
    private static final short FIRST_ABORTABLE_VERSION = 5;
    private static final short V2 = 2;

    private final TransactionCoordinator transactions;
    private final ClusterView cluster;

    public AddPartitionsToTxnHandler(TransactionCoordinator transactions, ClusterView cluster) {
        this.transactions = transactions;
        this.cluster = cluster;
    }

    @Override
    public ApiKey api() {
        return ApiKey.ADD_PARTITIONS_TO_TXN;
    }

    @Override
    public Class<AddPartitionsToTxnRequest> requestType() {
        return AddPartitionsToTxnRequest.class;
    }

    @Override
    public void handle(AddPartitionsToTxnRequest request, Call call) {
        if (call.version() < FIRST_BATCHED_VERSION) ofProducer(request, call);
        else ofBroker(request, call);
    }

    private void ofProducer(AddPartitionsToTxnRequest request, Call call) {
        SortedSet<TopicPartition> partitions = partitions(request.v3AndBelowTopics());
        SortedMap<TopicPartition, ErrorCode> unknown = new TreeMap<>();
        for (TopicPartition partition : partitions) {
            boolean isKnown = cluster.image().topics().partition(partition).isPresent();
            unknown.put(partition, isKnown ? ErrorCode.OPERATION_NOT_ATTEMPTED : ErrorCode.UNKNOWN_TOPIC_OR_PARTITION);
        }
        if (unknown.containsValue(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION)) {
            call.reply(AddPartitionsToTxnResponse.builder()
                    .resultsByTopicV3AndBelow(results(unknown, error -> error))
                    .build());
            return;
        }
        TransactionInput input = new TransactionInput.AddPartitions(
                request.v3AndBelowProducerId(), request.v3AndBelowProducerEpoch(), partitions, (short) 0);
        var answer = submit(request.v3AndBelowTransactionalId(), input, partitions);
        UnaryOperator<ErrorCode> told =
                error -> error == ErrorCode.PRODUCER_FENCED && call.version() < FIRST_FENCED_VERSION
                        ? ErrorCode.INVALID_PRODUCER_EPOCH
                        : error;
        var _ = answer.thenAccept(errors -> call.reply(AddPartitionsToTxnResponse.builder()
                .resultsByTopicV3AndBelow(results(errors, told))
                .build()));
        if (!answer.isDone()) call.next();
    }

    private void ofBroker(AddPartitionsToTxnRequest request, Call call) {
        List<CompletableFuture<AddPartitionsToTxnResult>> results = new ArrayList<>();
        UnaryOperator<ErrorCode> told =
                error -> error == ErrorCode.TRANSACTION_ABORTABLE && call.version() < FIRST_ABORTABLE_VERSION
                        ? ErrorCode.INVALID_TXN_STATE
                        : error;
        for (AddPartitionsToTxnTransaction transaction : request.transactions()) {
            SortedSet<TopicPartition> partitions = partitions(transaction.topics());
            long producerId = transaction.producerId();
            short epoch = transaction.producerEpoch();
            TransactionInput input = transaction.verifyOnly()
                    ? new TransactionInput.VerifyPartitions(producerId, epoch, partitions)
                    : new TransactionInput.AddPartitions(producerId, epoch, partitions, V2);
            results.add(submit(transaction.transactionalId(), input, partitions)
                    .thenApply(errors ->
                            new AddPartitionsToTxnResult(transaction.transactionalId(), results(errors, told))));
        }
        CompletableFuture<Void> all = CompletableFuture.allOf(results.toArray(CompletableFuture[]::new));
        var _ = all.thenAccept(_ -> call.reply(AddPartitionsToTxnResponse.builder()
                .resultsByTransaction(
                        results.stream().map(CompletableFuture::join).toList())
                .build()));
        if (!all.isDone()) call.next();
    }

    private CompletableFuture<SortedMap<TopicPartition, ErrorCode>> submit(
            String transactionalId, TransactionInput input, SortedSet<TopicPartition> partitions) {
        if (transactionalId.isEmpty())
            return CompletableFuture.completedFuture(same(partitions, ErrorCode.INVALID_REQUEST));
        return transactions.submit(transactionalId, input).thenApply(reply -> switch (reply) {
            case TransactionReply.Partitions(var errors) -> errors;
            case TransactionReply.Failed(var error) -> same(partitions, error);
            default -> same(partitions, ErrorCode.UNKNOWN_SERVER_ERROR);
        });
    }

    private static SortedMap<TopicPartition, ErrorCode> same(SortedSet<TopicPartition> partitions, ErrorCode error) {
        SortedMap<TopicPartition, ErrorCode> errors = new TreeMap<>();
        for (TopicPartition partition : partitions) errors.put(partition, error);
        return errors;
    }

    private static SortedSet<TopicPartition> partitions(List<AddPartitionsToTxnTopic> topics) {
        TreeSet<TopicPartition> partitions = new TreeSet<>();
        for (AddPartitionsToTxnTopic topic : topics)
            for (int index : topic.partitions()) partitions.add(new TopicPartition(topic.name(), index));
        return partitions;
    }

    private static List<AddPartitionsToTxnTopicResult> results(
            SortedMap<TopicPartition, ErrorCode> errors, UnaryOperator<ErrorCode> told) {
        SortedMap<String, List<AddPartitionsToTxnPartitionResult>> byTopic = new TreeMap<>();
        errors.forEach((partition, error) -> byTopic.computeIfAbsent(partition.topic(), _ -> new ArrayList<>())
                .add(new AddPartitionsToTxnPartitionResult(
                        partition.partition(), told.apply(error).code())));
        List<AddPartitionsToTxnTopicResult> topics = new ArrayList<>();
        byTopic.forEach((topic, partitions) -> topics.add(new AddPartitionsToTxnTopicResult(topic, partitions)));
        return topics;
    }
}
