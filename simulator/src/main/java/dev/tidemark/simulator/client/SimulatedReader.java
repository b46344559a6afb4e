package dev.tidemark.simulator.client;

import dev.tidemark.protocol.ErrorCode;
import dev.tidemark.protocol.codec.MalformedException;
import dev.tidemark.protocol.message.FetchRequest;
import dev.tidemark.protocol.message.FetchRequest.FetchPartition;
import dev.tidemark.protocol.message.FetchRequest.FetchTopic;
import dev.tidemark.protocol.message.FetchResponse;
import dev.tidemark.protocol.message.FetchResponse.PartitionData;
import dev.tidemark.protocol.record.BatchHeader;
import dev.tidemark.protocol.record.MemoryRecords;
import dev.tidemark.protocol.record.Record;
import dev.tidemark.protocol.record.RecordReader;
import dev.tidemark.simulator.check.History;
import dev.tidemark.simulator.check.PartitionKey;
import dev.tidemark.simulator.world.Findings;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/// Reads every partition of some topics from its beginning on, and checks what it is given as it comes: no gap, no step
/// back, no damaged batch, no truncation.
public final class SimulatedReader {
    private static final long REQUEST_TIMEOUT_MS = 10_000;
    private static final int MAX_WAIT_MS = 500;
    private static final long BACKOFF_MS = 100;
    private static final long UNPACKED_BYTES_MAX = 1 << 26;

    private static final class Position {
        long offset;
        int lastEpoch = -1;
        boolean underWay;
        long highWatermark = -1;
        int highWatermarkEpoch = -1;
    }

    private final ClientHost host;
    private final TopicMap topics;
    private final History history;
    private final Findings findings;
    private final SortedMap<PartitionKey, Position> positions = new TreeMap<>();

    public SimulatedReader(ClientHost host, List<String> topicNames, History history) {
        this.host = host;
        this.topics = new TopicMap(host, topicNames);
        this.history = history;
        this.findings = host.cluster().world().findings();
        tick();
    }

    /// The next offset of a partition.
    public long position(PartitionKey partition) {
        Position position = positions.get(partition);
        return position == null ? 0 : position.offset;
    }

    private void tick() {
        Map<Integer, List<PartitionKey>> byBroker = new TreeMap<>();
        for (PartitionKey key : topics.partitions()) {
            Position position = positions.computeIfAbsent(key, _ -> new Position());
            TopicMap.Leader leader = topics.leader(key);
            if (leader == null) topics.refresh();
            else if (!position.underWay)
                byBroker.computeIfAbsent(leader.broker(), _ -> new ArrayList<>())
                        .add(key);
        }
        byBroker.forEach(this::fetch);
        host.after(20 + host.random().nextLong(50), this::tick);
    }

    private void fetch(int broker, List<PartitionKey> keys) {
        List<FetchTopic> wanted = new ArrayList<>();
        Map<PartitionKey, Integer> epochs = new HashMap<>();
        for (PartitionKey key : keys) {
            Position position = positions.get(key);
            TopicMap.Leader leader = topics.leader(key);
            if (position == null || leader == null) continue;
            position.underWay = true;
            epochs.put(key, leader.epoch());
            wanted.add(FetchTopic.builder()
                    .topic(key.topic())
                    .topicId(key.topicId())
                    .partitions(List.of(FetchPartition.builder()
                            .partition(key.partition())
                            .currentLeaderEpoch(leader.epoch())
                            .fetchOffset(position.offset)
                            .lastFetchedEpoch(position.lastEpoch)
                            .logStartOffset(-1L)
                            .partitionMaxBytes(1 + host.random().nextInt(20_000))
                            .build()))
                    .build());
        }
        FetchRequest request = FetchRequest.builder()
                .replicaId(-1)
                .maxWaitMs(MAX_WAIT_MS)
                .minBytes(1)
                .maxBytes(1 << 20)
                .isolationLevel((byte) 0)
                .sessionId(0)
                .sessionEpoch(-1)
                .topics(wanted)
                .build();
        host.call(
                broker,
                request,
                FetchResponse.class,
                REQUEST_TIMEOUT_MS,
                response -> {
                    ended(keys, response.errorCode() == 0 ? 0 : BACKOFF_MS);
                    onResponse(response, epochs);
                },
                _ -> {
                    ended(keys, BACKOFF_MS);
                    topics.refresh();
                });
    }

    private void ended(List<PartitionKey> keys, long backoffMs) {
        for (PartitionKey key : keys) {
            Position position = positions.get(key);
            if (position == null) continue;
            if (backoffMs == 0) position.underWay = false;
            else host.after(backoffMs, () -> position.underWay = false);
        }
    }

    private void onResponse(FetchResponse response, Map<PartitionKey, Integer> epochs) {
        for (FetchResponse.FetchableTopicResponse topic : response.responses()) {
            for (PartitionData data : topic.partitions()) {
                for (PartitionKey key : epochs.keySet().stream().sorted().toList()) {
                    if (key.topicId().equals(topic.topicId()) && key.partition() == data.partitionIndex())
                        onPartition(key, data, epochs.getOrDefault(key, -1));
                }
            }
        }
    }

    private void onPartition(PartitionKey key, PartitionData data, int askedEpoch) {
        Position position = positions.get(key);
        if (position == null) return;
        ErrorCode error = ErrorCode.forCode(data.errorCode());
        if (findings.isToldInDetail())
            findings.tell(host.name() + " is told of " + key + " at " + position.offset + " (epoch "
                    + position.lastEpoch + ", leader's " + askedEpoch + "): " + error + ", " + data.divergingEpoch()
                    + ", high watermark " + data.highWatermark());
        if (data.currentLeader().leaderId() >= 0)
            topics.learn(
                    key, data.currentLeader().leaderId(), data.currentLeader().leaderEpoch());
        if (error == ErrorCode.OFFSET_OUT_OF_RANGE || data.divergingEpoch().endOffset() >= 0) {
            onTruncated(key, position, data);
        } else if (error != ErrorCode.NONE) {
            topics.refresh();
            host.after(BACKOFF_MS, () -> position.underWay = false);
            position.underWay = true;
        } else {
            checkHighWatermark(key, position, data.highWatermark(), askedEpoch);
            if (data.records() instanceof MemoryRecords records) {
                try {
                    take(key, position, records, data.highWatermark());
                } catch (MalformedException damaged) {
                    findings.violated(
                            "no-corrupt-payload", key + " behind " + position.offset + ": " + damaged.getMessage());
                }
            }
        }
    }

    private void onTruncated(PartitionKey key, Position position, PartitionData data) {
        if (!history.lossAllowed()) {
            findings.violated(
                    "no-truncation-seen",
                    "%s at %d (epoch %d): %s, diverging %s, high watermark %d"
                            .formatted(
                                    key,
                                    position.offset,
                                    position.lastEpoch,
                                    ErrorCode.forCode(data.errorCode()),
                                    data.divergingEpoch(),
                                    data.highWatermark()));
        }
        position.offset = Math.max(0, data.logStartOffset());
        position.lastEpoch = -1;
    }

    private void checkHighWatermark(PartitionKey key, Position position, long highWatermark, int epoch) {
        if (epoch == position.highWatermarkEpoch && highWatermark < position.highWatermark && !history.lossAllowed()) {
            findings.violated(
                    "hw-monotonic",
                    "%s in epoch %d told %d after %d".formatted(key, epoch, highWatermark, position.highWatermark));
        }
        if (epoch >= position.highWatermarkEpoch) {
            position.highWatermarkEpoch = epoch;
            position.highWatermark = highWatermark;
        }
    }

    private void take(PartitionKey key, Position position, MemoryRecords records, long highWatermark) {
        for (BatchHeader batch : records.batches()) {
            if (!batch.isCrcValid()) {
                findings.violated("no-corrupt-payload", key + " has a damaged batch at " + batch.baseOffset());
                return;
            }
            for (Record record : RecordReader.readAll(batch, UNPACKED_BYTES_MAX)) {
                if (record.offset() < position.offset) continue;
                if (record.offset() != position.offset) {
                    findings.violated(
                            "no-log-hole",
                            "%s goes on with %d after %d".formatted(key, record.offset(), position.offset - 1));
                }
                if (record.offset() >= highWatermark) {
                    findings.violated(
                            "read-below-hw",
                            "%s gave %d, the high watermark being %d".formatted(key, record.offset(), highWatermark));
                }
                var value = record.value();
                history.onRead(key, record.offset(), value == null ? "" : value.toUtf8());
                position.offset = record.offset() + 1;
                position.lastEpoch = batch.leaderEpoch();
            }
        }
    }
}
