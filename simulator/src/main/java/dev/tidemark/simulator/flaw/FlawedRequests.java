package dev.tidemark.simulator.flaw;

import dev.tidemark.protocol.ApiKey;
import dev.tidemark.protocol.ErrorCode;
import dev.tidemark.protocol.codec.Reader;
import dev.tidemark.protocol.message.AlterPartitionRequest;
import dev.tidemark.protocol.message.AlterPartitionResponse;
import dev.tidemark.protocol.message.FetchRequest;
import dev.tidemark.protocol.message.OffsetCommitRequest;
import dev.tidemark.protocol.message.OffsetCommitResponse;
import dev.tidemark.protocol.message.ProduceRequest;
import dev.tidemark.protocol.message.Request;
import dev.tidemark.protocol.message.RequestHeader;
import dev.tidemark.protocol.record.MemoryRecords;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.zip.CRC32C;

/// Requests as a broker with a flaw would understand or send them.
public final class FlawedRequests {
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

    public static boolean concerns(Flaw flaw, byte[] frame) {
        short api = ByteBuffer.wrap(frame).getShort(0);
        return switch (flaw) {
            case ACKS_BEFORE_REPLICATION, SEQUENCES_IGNORED, FENCED_PRODUCER_ACCEPTED -> api == ApiKey.PRODUCE.id();
            case COMMIT_BEFORE_REPLICATION -> api == ApiKey.OFFSET_COMMIT.id();
            case NONE,
                    NO_TRUNCATION_BY_EPOCH,
                    ISR_WITHOUT_CONTROLLER,
                    CONTROLLER_WITHOUT_FENCE,
                    UNCLEAN_STOP_UNTOLD,
                    FORCE_LIES,
                    HIGH_WATERMARK_ABOVE_ISR,
                    STALE_LEADER_SERVES,
                    LATE_MARKER_TAKEN,
                    ABORTED_SHOWN,
                    OFFSETS_WITHOUT_OUTPUT -> false;
        };
    }

    /// A produce request in which only the leader is asked.
    public static Request withoutWaiting(ProduceRequest request) {
        return request.toBuilder().acks((short) 1).build();
    }

    /// A produce request whose batches tell of no producer.
    public static Request withoutSequences(ProduceRequest request) {
        for (ProduceRequest.TopicProduceData topic : request.topicData()) {
            for (ProduceRequest.PartitionProduceData partition : topic.partitionData()) {
                if (partition.records() instanceof MemoryRecords records) forgetProducer(records.buffer());
            }
        }
        return request;
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
    public static Request withNewestEpochs(ProduceRequest request, Map<Long, Short> newest) {
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

    /// The answer that all of it is committed.
    public static OffsetCommitResponse committed(OffsetCommitRequest request) {
        return OffsetCommitResponse.builder()
                .topics(request.topics().stream()
                        .map(topic -> OffsetCommitResponse.OffsetCommitResponseTopic.builder()
                                .name(topic.name())
                                .topicId(topic.topicId())
                                .partitions(topic.partitions().stream()
                                        .map(partition -> OffsetCommitResponse.OffsetCommitResponsePartition.builder()
                                                .partitionIndex(partition.partitionIndex())
                                                .build())
                                        .toList())
                                .build())
                        .toList())
                .build();
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

    /// The answer that the controller agrees, which nobody has asked.
    public static AlterPartitionResponse agreed(AlterPartitionRequest request) {
        return AlterPartitionResponse.builder()
                .topics(request.topics().stream()
                        .map(topic -> AlterPartitionResponse.TopicData.builder()
                                .topicId(topic.topicId())
                                .partitions(topic.partitions().stream()
                                        .map(FlawedRequests::agreed)
                                        .toList())
                                .build())
                        .toList())
                .build();
    }

    private static AlterPartitionResponse.PartitionData agreed(AlterPartitionRequest.PartitionData partition) {
        return AlterPartitionResponse.PartitionData.builder()
                .partitionIndex(partition.partitionIndex())
                .errorCode(ErrorCode.NONE.code())
                .leaderEpoch(partition.leaderEpoch())
                .partitionEpoch(partition.partitionEpoch() + 1)
                .isr(partition.newIsrWithEpochs().stream()
                        .map(AlterPartitionRequest.BrokerState::brokerId)
                        .toList())
                .build();
    }
}
