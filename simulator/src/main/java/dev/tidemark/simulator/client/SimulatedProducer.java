package dev.tidemark.simulator.client;

import dev.tidemark.base.Bytes;
import dev.tidemark.protocol.ErrorCode;
import dev.tidemark.protocol.message.InitProducerIdRequest;
import dev.tidemark.protocol.message.InitProducerIdResponse;
import dev.tidemark.protocol.message.ProduceRequest;
import dev.tidemark.protocol.message.ProduceRequest.PartitionProduceData;
import dev.tidemark.protocol.message.ProduceRequest.TopicProduceData;
import dev.tidemark.protocol.message.ProduceResponse;
import dev.tidemark.protocol.message.ProduceResponse.PartitionProduceResponse;
import dev.tidemark.protocol.message.ProduceResponse.TopicProduceResponse;
import dev.tidemark.protocol.record.Compression;
import dev.tidemark.protocol.record.CompressionType;
import dev.tidemark.protocol.record.MemoryRecords;
import dev.tidemark.protocol.record.RecordBatchBuilder;
import dev.tidemark.simulator.check.History;
import dev.tidemark.simulator.check.PartitionKey;
import dev.tidemark.simulator.network.RequestChannel.End;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.random.RandomGenerator;

/// An idempotent producer with acks=all: several batches in flight per partition, each tried again until it is
/// acknowledged. Where the broker says that the sequence is broken for good, or a batch gets too old, it begins a new
/// session, and nobody knows what became of the open batches.
public final class SimulatedProducer {
    private static final long REQUEST_TIMEOUT_MS = 10_000;
    private static final long DELIVERY_TIMEOUT_MS = 60_000;
    private static final long BACKOFF_MS = 100;
    private static final CompressionType[] CODECS = {
        CompressionType.NONE, CompressionType.NONE, CompressionType.LZ4, CompressionType.ZSTD, CompressionType.SNAPPY
    };

    private static final class Batch {
        final PartitionKey partition;
        final List<String> values;
        final int sequence;
        final long madeMs;
        final CompressionType codec;
        boolean inFlight;
        long notBeforeMs;

        Batch(PartitionKey partition, List<String> values, int sequence, long madeMs, CompressionType codec) {
            this.partition = partition;
            this.values = values;
            this.sequence = sequence;
            this.madeMs = madeMs;
            this.codec = codec;
        }
    }

    private final ClientHost host;
    private final TopicMap topics;
    private final History history;
    private final RandomGenerator random;
    private final int inFlightMax;
    private final int recordsPerBatchMax;
    private final long intervalMs;
    private final boolean compresses;
    private final SortedMap<PartitionKey, Deque<Batch>> windows = new TreeMap<>();
    private final Map<PartitionKey, Integer> nextSequences = new TreeMap<>();
    private long producerId = -1;
    private short producerEpoch;
    private int session;
    private long madeCount;
    private boolean finishing;
    private long ackedCount;

    public SimulatedProducer(ClientHost host, List<String> topicNames, History history, long intervalMs) {
        this.host = host;
        this.topics = new TopicMap(host, topicNames);
        this.history = history;
        this.random = host.random();
        this.inFlightMax = 1 + random.nextInt(5);
        this.recordsPerBatchMax = 1 + random.nextInt(5);
        this.compresses = random.nextInt(3) == 0;
        this.intervalMs = intervalMs;
        beginSession();
        tick();
    }

    /// No new records; what is open is still sent.
    public void finish() {
        finishing = true;
    }

    public boolean isDone() {
        return windows.values().stream().allMatch(Deque::isEmpty);
    }

    public long ackedCount() {
        return ackedCount;
    }

    private void tick() {
        if (!finishing) produce();
        send();
        host.after(1 + random.nextLong(2 * intervalMs), this::tick);
    }

    private void beginSession() {
        producerId = -1;
        windows.clear();
        nextSequences.clear();
        int mine = ++session;
        InitProducerIdRequest request = InitProducerIdRequest.builder()
                .transactionalId(null)
                .transactionTimeoutMs(60_000)
                .build();
        host.call(
                host.anyBroker(),
                request,
                InitProducerIdResponse.class,
                REQUEST_TIMEOUT_MS,
                response -> {
                    if (mine != session) return;
                    if (response.errorCode() != 0) {
                        retrySession();
                        return;
                    }
                    producerId = response.producerId();
                    producerEpoch = response.producerEpoch();
                },
                _ -> {
                    if (mine == session) retrySession();
                });
    }

    private void retrySession() {
        int mine = session;
        host.after(BACKOFF_MS, () -> {
            if (mine == session) beginSession();
        });
    }

    private void produce() {
        List<PartitionKey> partitions = topics.partitions();
        if (producerId < 0 || partitions.isEmpty()) return;
        PartitionKey partition = partitions.get(random.nextInt(partitions.size()));
        Deque<Batch> window = windows.computeIfAbsent(partition, _ -> new ArrayDeque<>());
        if (window.size() >= 2 * inFlightMax) return;
        int sequence = nextSequences.getOrDefault(partition, 0);
        int count = 1 + random.nextInt(recordsPerBatchMax);
        List<String> values = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            String value = host.name() + "/" + session + "/" + ++madeCount;
            values.add(value);
            history.onSend(partition, value, ((long) host.machine().number() << 32) | session, sequence + i);
        }
        nextSequences.put(partition, sequence + count);
        CompressionType codec = compresses ? CODECS[random.nextInt(CODECS.length)] : CompressionType.NONE;
        window.add(new Batch(partition, values, sequence, host.nowMs(), codec));
    }

    private void send() {
        if (producerId < 0) return;
        long now = host.nowMs();
        for (Deque<Batch> window : windows.values()) {
            Batch oldest = window.peek();
            if (oldest != null && now - oldest.madeMs > DELIVERY_TIMEOUT_MS) {
                giveUp("a batch of " + oldest.partition + " got too old");
                return;
            }
        }
        Map<Integer, List<Batch>> byBroker = new TreeMap<>();
        for (Map.Entry<PartitionKey, Deque<Batch>> each : windows.entrySet()) {
            Batch next = nextToSend(each.getValue(), now);
            if (next == null) continue;
            TopicMap.Leader leader = topics.leader(each.getKey());
            if (leader == null) topics.refresh();
            else
                byBroker.computeIfAbsent(leader.broker(), _ -> new ArrayList<>())
                        .add(next);
        }
        byBroker.forEach(this::send);
    }

    /// In order: the first that is not under way, if there is room.
    private @org.jspecify.annotations.Nullable Batch nextToSend(Deque<Batch> window, long now) {
        int underWay = 0;
        for (Batch batch : window) {
            if (!batch.inFlight) return underWay < inFlightMax && batch.notBeforeMs <= now ? batch : null;
            underWay++;
        }
        return null;
    }

    private void send(int broker, List<Batch> batches) {
        List<TopicProduceData> data = new ArrayList<>();
        for (Batch batch : batches) {
            batch.inFlight = true;
            data.add(TopicProduceData.builder()
                    .name(batch.partition.topic())
                    .topicId(batch.partition.topicId())
                    .partitionData(List.of(PartitionProduceData.builder()
                            .index(batch.partition.partition())
                            .records(records(batch))
                            .build()))
                    .build());
        }
        ProduceRequest request = ProduceRequest.builder()
                .acks((short) -1)
                .timeoutMs((int) REQUEST_TIMEOUT_MS / 2)
                .topicData(data)
                .build();
        int mine = session;
        host.call(
                broker,
                request,
                ProduceResponse.class,
                REQUEST_TIMEOUT_MS,
                response -> {
                    if (mine == session) onResponse(batches, response);
                },
                why -> {
                    if (mine == session) onNoAnswer(batches, why);
                });
    }

    private MemoryRecords records(Batch batch) {
        RecordBatchBuilder builder =
                new RecordBatchBuilder(Compression.of(batch.codec)).producer(producerId, producerEpoch, batch.sequence);
        for (String value : batch.values) builder.add(host.wallMs(), null, Bytes.utf8(value));
        return new MemoryRecords(builder.build());
    }

    private void onNoAnswer(List<Batch> batches, End why) {
        for (Batch batch : batches) retry(batch);
        topics.refresh();
    }

    private void retry(Batch batch) {
        batch.inFlight = false;
        batch.notBeforeMs = host.nowMs() + BACKOFF_MS;
    }

    private void onResponse(List<Batch> batches, ProduceResponse response) {
        for (Batch batch : batches) {
            if (!batch.inFlight) continue;
            for (TopicProduceResponse topic : response.responses()) {
                if (!topic.topicId().equals(batch.partition.topicId())) continue;
                for (PartitionProduceResponse partition : topic.partitionResponses()) {
                    if (partition.index() != batch.partition.partition()) continue;
                    int before = session;
                    onAnswer(batch, partition);
                    if (session != before) return;
                }
            }
        }
    }

    private void onAnswer(Batch batch, PartitionProduceResponse answer) {
        ErrorCode error = ErrorCode.forCode(answer.errorCode());
        Deque<Batch> window = windows.get(batch.partition);
        if (window == null) return;
        switch (error) {
            case NONE, DUPLICATE_SEQUENCE_NUMBER -> {
                window.remove(batch);
                batch.inFlight = false;
                long base = error == ErrorCode.NONE ? answer.baseOffset() : -1;
                for (int i = 0; i < batch.values.size(); i++) {
                    ackedCount++;
                    history.onAcked(batch.values.get(i), base < 0 ? -1 : base + i, History.Fate.ACKED);
                }
            }
            case OUT_OF_ORDER_SEQUENCE_NUMBER -> {
                // Behind another one that failed it is only early.
                if (batch.equals(window.peek())) giveUp(batch.partition + " says " + error + " for " + batch.values);
                else retry(batch);
            }
            default -> {
                if (error.isRetriable()) {
                    retry(batch);
                    var leader = answer.currentLeader();
                    if (leader.leaderId() >= 0) topics.learn(batch.partition, leader.leaderId(), leader.leaderEpoch());
                    topics.refresh();
                } else {
                    giveUp(batch.partition + " says " + error + " for " + batch.values);
                }
            }
        }
    }

    private void giveUp(String why) {
        host.cluster().world().findings().tell(host.name() + " begins a new session: " + why);
        beginSession();
    }
}
