package dev.tidemark.simulator.flaw;

import dev.tidemark.base.Bytes;
import dev.tidemark.protocol.ApiKey;
import dev.tidemark.protocol.codec.Reader;
import dev.tidemark.protocol.message.FetchRequest;
import dev.tidemark.protocol.message.FetchRequest.FetchPartition;
import dev.tidemark.protocol.message.FetchRequest.FetchTopic;
import dev.tidemark.protocol.message.FetchResponse;
import dev.tidemark.protocol.message.FetchResponse.FetchableTopicResponse;
import dev.tidemark.protocol.message.FetchResponse.PartitionData;
import dev.tidemark.protocol.message.ProduceRequest;
import dev.tidemark.protocol.message.Request;
import dev.tidemark.protocol.message.RequestHeader;
import dev.tidemark.protocol.message.WriteTxnMarkersRequest;
import dev.tidemark.protocol.message.WriteTxnMarkersRequest.WritableTxnMarker;
import dev.tidemark.protocol.record.BatchHeader;
import dev.tidemark.protocol.record.Compression;
import dev.tidemark.protocol.record.MemoryRecords;
import dev.tidemark.protocol.record.Record;
import dev.tidemark.protocol.record.RecordBatchBuilder;
import dev.tidemark.protocol.record.RecordReader;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.zip.CRC32C;

/// Requests as a broker with a flaw understands or sends them.
public final class FlawedRequests {
    private static final long UNPACKED_BYTES_MAX = 1 << 26;
    private static final int CRC_AT = 17;
    private static final int ATTRIBUTES_AT = 21;
    private static final int PRODUCER_ID_AT = 43;
    private static final int PRODUCER_EPOCH_AT = 51;
    private static final int BASE_SEQUENCE_AT = 53;
    private static final int LENGTH_AT = 8;

    private FlawedRequests() {}

    /// What was read of a request's frame.
    public record Opened(ApiKey api, short version, RequestHeader header, Request request) {}

    public static Opened open(byte[] frame) {
        ByteBuffer bytes = ByteBuffer.wrap(frame);
        ApiKey api = Objects.requireNonNull(ApiKey.forId(bytes.getShort(0)));
        short version = bytes.getShort(2);
        Reader reader = new Reader(bytes);
        RequestHeader header = RequestHeader.read(reader, api.requestHeaderVersion(version));
        return new Opened(api, version, header, api.readRequest(reader, version));
    }

    public static boolean isOf(ApiKey api, byte[] frame) {
        return ByteBuffer.wrap(frame).getShort(0) == api.id();
    }

    /// A produce request in which only the leader is asked.
    public static ProduceRequest withoutWaiting(ProduceRequest request) {
        return request.toBuilder().acks((short) 1).build();
    }

    /// A produce request whose batches tell of no producer.
    public static ProduceRequest withoutSequences(ProduceRequest request) {
        for (ProduceRequest.TopicProduceData topic : request.topicData()) {
            for (ProduceRequest.PartitionProduceData partition : topic.partitionData()) {
                if (partition.records() instanceof MemoryRecords records) forgetProducer(records.buffer());
            }
        }
        return request;
    }

    /// A produce request of a transaction in which all records have the same key.
    public static ProduceRequest withOneKey(ProduceRequest request) {
        if (request.transactionalId() == null) return request;
        return request.toBuilder()
                .topicData(request.topicData().stream()
                        .map(topic -> topic.toBuilder()
                                .partitionData(topic.partitionData().stream()
                                        .map(FlawedRequests::withOneKey)
                                        .toList())
                                .build())
                        .toList())
                .build();
    }

    private static ProduceRequest.PartitionProduceData withOneKey(ProduceRequest.PartitionProduceData partition) {
        if (!(partition.records() instanceof MemoryRecords records)) return partition;
        BatchHeader batch = records.batches().iterator().next();
        RecordBatchBuilder builder = new RecordBatchBuilder(Compression.NONE)
                .producer(batch.producerId(), batch.producerEpoch(), batch.baseSequence())
                .transactional();
        for (Record record : RecordReader.readAll(batch, UNPACKED_BYTES_MAX))
            builder.add(batch.maxTimestamp(), Bytes.utf8("one"), record.value());
        return partition.toBuilder().records(new MemoryRecords(builder.build())).build();
    }

    private static void forgetProducer(ByteBuffer batch) {
        int at = batch.position();
        batch.putLong(at + PRODUCER_ID_AT, -1);
        batch.putShort(at + PRODUCER_EPOCH_AT, (short) -1);
        batch.putInt(at + BASE_SEQUENCE_AT, -1);
        seal(batch, at);
    }

    /// A produce request of whoever was put out, as if it came from who put it out.
    ///
    /// @param newest the newest epoch of each producer that was seen by now; learns the others
    public static ProduceRequest withNewestEpochs(ProduceRequest request, Map<Long, Short> newest) {
        for (ProduceRequest.TopicProduceData topic : request.topicData()) {
            for (ProduceRequest.PartitionProduceData partition : topic.partitionData()) {
                if (!(partition.records() instanceof MemoryRecords records)) continue;
                ByteBuffer batch = records.buffer();
                int at = batch.position();
                short epoch = batch.getShort(at + PRODUCER_EPOCH_AT);
                short known = newest.merge(
                        batch.getLong(at + PRODUCER_ID_AT), epoch, (one, other) -> one > other ? one : other);
                if (known == epoch) continue;
                batch.putShort(at + PRODUCER_EPOCH_AT, known);
                seal(batch, at);
            }
        }
        return request;
    }

    private static void seal(ByteBuffer batch, int at) {
        int size = 12 + batch.getInt(at + LENGTH_AT);
        CRC32C crc = new CRC32C();
        crc.update(batch.duplicate().position(at + ATTRIBUTES_AT).limit(at + size));
        batch.putInt(at + CRC_AT, (int) crc.getValue());
    }

    /// A follower's fetch that claims that its last record is of the leader's epoch.
    public static FetchRequest agreeing(FetchRequest request) {
        List<FetchRequest.FetchTopic> topics = request.topics().stream()
                .map(topic -> topic.toBuilder()
                        .partitions(topic.partitions().stream()
                                .map(partition -> partition.toBuilder()
                                        .lastFetchedEpoch(partition.currentLeaderEpoch())
                                        .build())
                                .toList())
                        .build())
                .toList();
        return request.toBuilder().topics(topics).build();
    }

    /// The fetch of a follower that has written what it was just given, when it has not yet.
    public static FetchRequest ahead(FetchRequest request, FetchResponse response) {
        List<FetchTopic> topics = new ArrayList<>();
        for (FetchableTopicResponse topic : response.responses()) {
            List<FetchPartition> partitions = new ArrayList<>();
            for (PartitionData data : topic.partitions()) {
                if (data.records() instanceof MemoryRecords records) ahead(data, records, partitions);
            }
            if (partitions.isEmpty()) continue;
            topics.add(FetchTopic.builder()
                    .topic(topic.topic())
                    .topicId(topic.topicId())
                    .partitions(partitions)
                    .build());
        }
        return request.toBuilder()
                .maxWaitMs(0)
                .sessionId(0)
                .sessionEpoch(-1)
                .topics(topics)
                .forgottenTopicsData(List.of())
                .build();
    }

    private static void ahead(PartitionData data, MemoryRecords records, List<FetchPartition> to) {
        BatchHeader last = null;
        for (BatchHeader batch : records.batches()) last = batch;
        if (last == null) return;
        // Of the leader's own epoch, but for what it got from those before it.
        to.add(FetchPartition.builder()
                .partition(data.partitionIndex())
                .currentLeaderEpoch(last.leaderEpoch())
                .fetchOffset(last.nextOffset())
                .lastFetchedEpoch(last.leaderEpoch())
                .logStartOffset(0)
                .partitionMaxBytes(1)
                .build());
    }

    /// The same markers, as they look to a partition that does not tell a later transaction from the one they are for.
    public static WriteTxnMarkersRequest late(WriteTxnMarkersRequest request) {
        return request.toBuilder()
                .markers(request.markers().stream()
                        .map(marker -> marker.toBuilder()
                                .producerEpoch((short) (marker.producerEpoch() + 1))
                                .build())
                        .toList())
                .build();
    }

    /// Markers that abort what is no offset.
    public static WriteTxnMarkersRequest withoutOutput(WriteTxnMarkersRequest request) {
        return request.toBuilder()
                .markers(request.markers().stream()
                        .map(marker -> isOfOffsets(marker)
                                ? marker
                                : marker.toBuilder().transactionResult(false).build())
                        .toList())
                .build();
    }

    private static boolean isOfOffsets(WritableTxnMarker marker) {
        return marker.topics().stream().anyMatch(topic -> topic.name().equals("__consumer_offsets"));
    }
}
