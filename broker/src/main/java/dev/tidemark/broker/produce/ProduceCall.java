package dev.tidemark.broker.produce;

import dev.tidemark.broker.cluster.LeaderHints;
import dev.tidemark.broker.dispatch.Call;
import dev.tidemark.broker.partition.Append;
import dev.tidemark.broker.partition.AppendListener;
import dev.tidemark.protocol.ErrorCode;
import dev.tidemark.protocol.message.ProduceRequest;
import dev.tidemark.protocol.message.ProduceRequest.PartitionProduceData;
import dev.tidemark.protocol.message.ProduceRequest.TopicProduceData;
import dev.tidemark.protocol.message.ProduceResponse;
import dev.tidemark.protocol.message.ProduceResponse.BatchIndexAndErrorMessage;
import dev.tidemark.protocol.message.ProduceResponse.PartitionProduceResponse;
import dev.tidemark.protocol.message.ProduceResponse.TopicProduceResponse;
import dev.tidemark.protocol.record.MemoryRecords;
import dev.tidemark.storage.log.AppendOrigin;
import dev.tidemark.storage.log.AppendResult;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/// One produce request on its way: collects what each of its partitions answers, in whatever turns and order.
///
/// Each slot of `results` is written by one partition's turn and read by whoever brings a counter to zero.
final class ProduceCall implements AppendListener {
    private static final short ACKS_NONE = 0;
    private static final short ACKS_ALL = -1;
    private static final short FIRST_VERSION_WITH_ZSTD = 7; // KIP-110
    private static final short FIRST_VERSION_WITH_LEADER = 10; // KIP-951
    private static final short FIRST_VERSION_WITH_TOPIC_IDS = 13;

    private final ProduceRequest request;
    private final Call call;
    private final LeaderHints hints;
    private final @Nullable AppendResult[] results;
    private final AtomicInteger notAppended;
    private final AtomicInteger notCommitted;

    ProduceCall(ProduceRequest request, Call call, LeaderHints hints) {
        this.request = request;
        this.call = call;
        this.hints = hints;
        int count = 0;
        for (TopicProduceData topic : request.topicData()) {
            count += topic.partitionData().size();
        }
        results = new AppendResult[count];
        notAppended = new AtomicInteger(count);
        notCommitted = new AtomicInteger(count);
    }

    /// Whether topics are named by their ids.
    boolean namesById() {
        return call.version() >= FIRST_VERSION_WITH_TOPIC_IDS;
    }

    boolean mayUseZstd() {
        return call.version() >= FIRST_VERSION_WITH_ZSTD;
    }

    /// What the partition at `index` is to append.
    Append append(int index, MemoryRecords records, long wallMs) {
        return new Append(records.buffer(), AppendOrigin.CLIENT, wallMs, awaitsAll(), request.timeoutMs(), this, index);
    }

    TransactionalAppend inTransaction(TransactionCheck check, int index) {
        return new TransactionalAppend(check, request.transactionalId(), call.version(), this, index);
    }

    int partitionCount() {
        return results.length;
    }

    void refuse(int index, ErrorCode error) {
        onAppended(index, new AppendResult.Rejected(error, error.defaultMessage()), true);
    }

    /// Answers for every partition at once, before any was asked to append.
    void refuseAll(ErrorCode error) {
        for (int i = 0; i < results.length; i++) {
            results[i] = new AppendResult.Rejected(error, error.defaultMessage());
        }
        finish();
    }

    @Override
    public void onAppended(int index, AppendResult result, boolean committed) {
        results[index] = result;
        boolean settled = committed || !awaitsCommit(result);
        boolean allSettled = settled && notCommitted.decrementAndGet() == 0;
        boolean allAppended = notAppended.decrementAndGet() == 0;
        if (allSettled) {
            finish();
        } else if (allAppended) {
            call.releaseFrame();
            call.next();
        }
    }

    @Override
    public void onCommitted(int index) {
        if (awaitsCommit(results[index]) && notCommitted.decrementAndGet() == 0) finish();
    }

    @Override
    public void onCommitFailed(int index, ErrorCode error) {
        if (!awaitsCommit(results[index])) return;
        results[index] = new AppendResult.Rejected(error, error.defaultMessage());
        if (notCommitted.decrementAndGet() == 0) finish();
    }

    /// With acks=all, and whatever the acks where the topic wants every so many records on disk
    /// (`flush.messages`).
    private boolean awaitsCommit(@Nullable AppendResult result) {
        return awaitsAll() || (result instanceof AppendResult.Appended appended && appended.forceNeeded());
    }

    private void finish() {
        if (request.acks() != ACKS_NONE) {
            call.reply(response());
            return;
        }
        for (AppendResult result : results) {
            if (result instanceof AppendResult.Rejected rejected) {
                call.closeConnection(
                        "a produce request with acks=0 failed: " + rejected.error() + ", " + rejected.message());
                return;
            }
        }
        call.noReply();
    }

    /// Whether every in-sync replica must have the records before the answer.
    private boolean awaitsAll() {
        return request.acks() == ACKS_ALL;
    }

    private ProduceResponse response() {
        LeaderHints.@Nullable Nodes nodes =
                call.version() >= FIRST_VERSION_WITH_LEADER ? hints.nodes(call.listener()) : null;
        List<TopicProduceResponse> topics = new ArrayList<>(request.topicData().size());
        int index = 0;
        for (TopicProduceData topic : request.topicData()) {
            List<PartitionProduceResponse> partitions =
                    new ArrayList<>(topic.partitionData().size());
            for (PartitionProduceData data : topic.partitionData()) {
                partitions.add(partitionResponse(topic, data.index(), results[index++], nodes));
            }
            topics.add(TopicProduceResponse.builder()
                    .name(topic.name())
                    .topicId(topic.topicId())
                    .partitionResponses(partitions)
                    .build());
        }
        ProduceResponse.Builder response = ProduceResponse.builder().responses(topics);
        if (nodes != null && !nodes.all().isEmpty()) response.nodeEndpoints(endpoints(nodes));
        return response.build();
    }

    private static List<ProduceResponse.NodeEndpoint> endpoints(LeaderHints.Nodes nodes) {
        return nodes.all().stream()
                .map(node -> new ProduceResponse.NodeEndpoint(
                        node.broker().id(),
                        node.endpoint().host(),
                        node.endpoint().port(),
                        node.broker().rack()))
                .toList();
    }

    private PartitionProduceResponse partitionResponse(
            TopicProduceData topic, int partition, @Nullable AppendResult result, LeaderHints.@Nullable Nodes nodes) {
        PartitionProduceResponse.Builder response =
                PartitionProduceResponse.builder().index(partition);
        switch (result) {
            case AppendResult.Appended appended ->
                response.baseOffset(appended.firstOffset())
                        .logAppendTimeMs(appended.logAppendTimeMs())
                        .logStartOffset(appended.logStartOffset());
            case AppendResult.Duplicate duplicate ->
                response.baseOffset(duplicate.firstOffset())
                        .logAppendTimeMs(duplicate.logAppendTimeMs())
                        .logStartOffset(duplicate.logStartOffset());
            case AppendResult.Rejected rejected -> {
                refused(response, rejected);
                if (nodes != null && LeaderHints.isHelped(rejected.error())) hint(response, topic, partition, nodes);
            }
            case null -> throw new IllegalStateException("no result for partition " + partition);
        }
        return response.build();
    }

    private void hint(
            PartitionProduceResponse.Builder response, TopicProduceData topic, int partition, LeaderHints.Nodes nodes) {
        hints.leader(topic.topicId(), topic.name(), partition).ifPresent(leader -> {
            response.currentLeader(new ProduceResponse.LeaderIdAndEpoch(leader.brokerId(), leader.leaderEpoch()));
            nodes.add(leader);
        });
    }

    private static void refused(PartitionProduceResponse.Builder response, AppendResult.Rejected rejected) {
        List<BatchIndexAndErrorMessage> records = new ArrayList<>();
        for (AppendResult.RecordError error : rejected.recordErrors()) {
            records.add(new BatchIndexAndErrorMessage(error.batchIndex(), error.message()));
        }
        response.errorCode(rejected.error().code())
                .baseOffset(-1)
                .errorMessage(rejected.message())
                .recordErrors(records);
    }
}
