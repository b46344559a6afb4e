package dev.tidemark.broker.produce;

import dev.tidemark.base.time.Clock;
import dev.tidemark.broker.cluster.ClusterView;
import dev.tidemark.broker.cluster.LeaderHints;
import dev.tidemark.broker.dispatch.Call;
import dev.tidemark.broker.dispatch.Handler;
import dev.tidemark.broker.partition.Append;
import dev.tidemark.broker.partition.Partition;
import dev.tidemark.broker.partition.Partitions;
import dev.tidemark.protocol.ApiKey;
import dev.tidemark.protocol.ErrorCode;
import dev.tidemark.protocol.message.ProduceRequest;
import dev.tidemark.protocol.message.ProduceRequest.PartitionProduceData;
import dev.tidemark.protocol.message.ProduceRequest.TopicProduceData;
import dev.tidemark.protocol.record.BatchHeader;
import dev.tidemark.protocol.record.CompressionType;
import dev.tidemark.protocol.record.MemoryRecords;
import dev.tidemark.storage.log.AppendResult;
import java.util.concurrent.CompletableFuture;
import java.util.function.Predicate;

/// Produce 3-13 (advertised from 0: see ApiVersions). By topic name up to version 12, by topic id from 13 on.
///
/// Works in two stages: once every partition has appended, the connection's next request may start; once all is
/// committed as `acks` asks, the reply leaves. With acks=0 there is no reply; an error then closes the connection, as
/// that is all the client can notice.
public final class ProduceHandler implements Handler<ProduceRequest> {
    private final Partitions partitions;
    private final Predicate<String> isInternalTopic;
    private final ClusterView cluster;
    private final LeaderHints hints;
    private final Clock clock;
    private final TransactionCheck transactions;

    /// Asks nobody whether transactions are open.
    public ProduceHandler(Partitions partitions, Predicate<String> isInternalTopic, ClusterView cluster, Clock clock) {
        this(partitions, isInternalTopic, cluster, clock, _ -> CompletableFuture.completedFuture(ErrorCode.NONE));
    }

    public ProduceHandler(
            Partitions partitions,
            Predicate<String> isInternalTopic,
            ClusterView cluster,
            Clock clock,
            TransactionCheck transactions) {
        this.partitions = partitions;
        this.isInternalTopic = isInternalTopic;
        this.cluster = cluster;
        this.hints = new LeaderHints(cluster);
        this.clock = clock;
        this.transactions = transactions;
    }

    @Override
    public ApiKey api() {
        return ApiKey.PRODUCE;
    }

    @Override
    public Class<ProduceRequest> requestType() {
        return ProduceRequest.class;
    }

    @Override
    public void handle(ProduceRequest request, Call call) {
        ProduceCall produce = new ProduceCall(request, call, hints);
        if (request.acks() < -1 || request.acks() > 1) {
            produce.refuseAll(ErrorCode.INVALID_REQUIRED_ACKS);
            return;
        }
        if (produce.partitionCount() == 0) {
            produce.refuseAll(ErrorCode.NONE);
            return;
        }
        long wallMs = clock.wallMs();
        int index = 0;
        for (TopicProduceData topic : request.topicData()) {
            for (PartitionProduceData data : topic.partitionData()) append(produce, index++, topic, data, wallMs);
        }
    }

    private void append(
            ProduceCall produce, int index, TopicProduceData topic, PartitionProduceData data, long wallMs) {
        Partition partition = produce.namesById()
                ? partitions.get(topic.topicId(), data.index())
                : partitions.get(topic.name(), data.index());
        if (partition == null) {
            produce.refuse(index, whyNotHere(produce, topic, data.index()));
        } else if (isInternalTopic.test(partition.id().topic())) {
            produce.refuse(index, ErrorCode.INVALID_TOPIC_EXCEPTION);
        } else if (data.records() instanceof MemoryRecords records && records.sizeInBytes() > 0) {
            append(produce, index, partition, records, wallMs);
        } else {
            produce.onAppended(
                    index,
                    new AppendResult.Rejected(ErrorCode.INVALID_RECORD, "no record batch for the partition"),
                    true);
        }
    }

    private ErrorCode whyNotHere(ProduceCall produce, TopicProduceData topic, int partition) {
        return produce.namesById()
                ? cluster.whyNotHere(topic.topicId(), partition)
                : cluster.whyNotHere(topic.name(), partition);
    }

    private void append(ProduceCall produce, int index, Partition partition, MemoryRecords records, long wallMs) {
        // Null where the bytes end before its header does; what is wrong with it is found on appending.
        BatchHeader first = records.sizeInBytes() >= BatchHeader.BYTES ? BatchHeader.of(records.buffer()) : null;
        Append append = produce.append(index, records, wallMs);
        if (first != null && !produce.mayUseZstd() && first.compressionId() == CompressionType.ZSTD.id()) {
            produce.refuse(index, ErrorCode.UNSUPPORTED_COMPRESSION_TYPE);
        } else if (first != null && first.isTransactional() && first.hasProducerId()) {
            produce.inTransaction(transactions, index)
                    .run(partition, first, condition -> partition.append(append.onlyIf(condition)));
        } else {
            partition.append(append);
        }
    }
}
