package dev.tidemark.simulator.client;

import dev.tidemark.protocol.ErrorCode;
import dev.tidemark.protocol.message.FetchRequest;
import dev.tidemark.protocol.message.FetchRequest.FetchPartition;
import dev.tidemark.protocol.message.FetchRequest.FetchTopic;
import dev.tidemark.protocol.message.FetchResponse;
import dev.tidemark.protocol.message.FetchResponse.AbortedTransaction;
import dev.tidemark.protocol.message.FetchResponse.PartitionData;
import dev.tidemark.protocol.record.BatchHeader;
import dev.tidemark.protocol.record.ControlRecordType;
import dev.tidemark.protocol.record.MemoryRecords;
import dev.tidemark.protocol.record.Record;
import dev.tidemark.protocol.record.RecordReader;
import dev.tidemark.simulator.check.PartitionKey;
import dev.tidemark.simulator.check.TransactionHistory;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;

/// Reads a topic with read_committed: leaves out what the broker says was aborted, as a real consumer does.
public final class CommittedReader {
    private static final long TIMEOUT_MS = 10_000;
    private static final int MAX_WAIT_MS = 300;
    private static final long PAUSE_MS = 100;
    private static final long UNPACKED_BYTES_MAX = 1 << 26;

    private final ClientHost host;
    private final TopicMap topics;
    private final TransactionHistory history;
    private final Consumer<String> seen;
    private final SortedMap<PartitionKey, Long> positions = new TreeMap<>();
    private final SortedSet<PartitionKey> underWay = new TreeSet<>();

    /// @param seen hears of each value
    public CommittedReader(ClientHost host, String topic, TransactionHistory history, Consumer<String> seen) {
        this.seen = seen;
        this.host = host;
        this.topics = new TopicMap(host, List.of(topic));
        this.history = history;
        tick();
    }

    /// The next offset of a partition.
    public long position(PartitionKey partition) {
        return positions.getOrDefault(partition, 0L);
    }

    private void tick() {
        for (PartitionKey key : topics.partitions()) {
            TopicMap.Leader leader = topics.leader(key);
            if (leader == null) topics.refresh();
            else if (underWay.add(key)) fetch(key, leader);
        }
        host.after(PAUSE_MS, this::tick);
    }

    private void fetch(PartitionKey key, TopicMap.Leader leader) {
        FetchRequest request = FetchRequest.builder()
                .replicaId(-1)
                .maxWaitMs(MAX_WAIT_MS)
                .minBytes(1)
                .maxBytes(1 << 20)
                .isolationLevel((byte) 1)
                .sessionId(0)
                .sessionEpoch(-1)
                .topics(List.of(FetchTopic.builder()
                        .topic(key.topic())
                        .topicId(key.topicId())
                        .partitions(List.of(FetchPartition.builder()
                                .partition(key.partition())
                                .currentLeaderEpoch(leader.epoch())
                                .fetchOffset(position(key))
                                .lastFetchedEpoch(-1)
                                .logStartOffset(-1L)
                                .partitionMaxBytes(1 + host.random().nextInt(5_000))
                                .build()))
                        .build()))
                .build();
        host.call(
                leader.broker(),
                request,
                FetchResponse.class,
                TIMEOUT_MS,
                response -> {
                    underWay.remove(key);
                    for (var topic : response.responses())
                        for (PartitionData data : topic.partitions()) onPartition(key, data);
                },
                _ -> {
                    underWay.remove(key);
                    topics.refresh();
                });
    }

    private void onPartition(PartitionKey key, PartitionData data) {
        if (data.currentLeader().leaderId() >= 0)
            topics.learn(
                    key, data.currentLeader().leaderId(), data.currentLeader().leaderEpoch());
        if (data.errorCode() != ErrorCode.NONE.code()) topics.refresh();
        else if (data.records() instanceof MemoryRecords records) take(key, records, data);
    }

    private void take(PartitionKey key, MemoryRecords records, PartitionData data) {
        List<AbortedTransaction> told = data.abortedTransactions();
        Deque<AbortedTransaction> coming = new ArrayDeque<>();
        if (told != null)
            told.stream()
                    .sorted(Comparator.comparingLong(AbortedTransaction::firstOffset))
                    .forEach(coming::add);
        SortedSet<Long> aborted = new TreeSet<>();
        for (BatchHeader batch : records.batches()) {
            while (!coming.isEmpty() && coming.peek().firstOffset() <= batch.lastOffset())
                aborted.add(coming.remove().producerId());
            if (batch.isControl()) onMarker(batch, aborted);
            else if (!batch.isTransactional() || !aborted.contains(batch.producerId())) onBatch(key, batch);
            positions.merge(key, batch.nextOffset(), Math::max);
        }
    }

    private static void onMarker(BatchHeader batch, SortedSet<Long> aborted) {
        for (Record record : RecordReader.readAll(batch, UNPACKED_BYTES_MAX)) {
            var type = record.key();
            boolean isAbort = type != null && ControlRecordType.ofKey(type.asByteBuffer()) == ControlRecordType.ABORT;
            if (isAbort) aborted.remove(batch.producerId());
        }
    }

    private void onBatch(PartitionKey key, BatchHeader batch) {
        for (Record record : RecordReader.readAll(batch, UNPACKED_BYTES_MAX)) {
            if (record.offset() < position(key)) continue;
            var bytes = record.value();
            String value = bytes == null ? "" : bytes.toUtf8();
            history.onRead(key, record.offset(), value);
            seen.accept(value);
        }
    }
}
