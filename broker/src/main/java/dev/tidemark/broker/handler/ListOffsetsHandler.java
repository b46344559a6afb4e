package dev.tidemark.broker.handler;

import dev.tidemark.broker.cluster.ClusterView;
import dev.tidemark.broker.dispatch.Call;
import dev.tidemark.broker.dispatch.Handler;
import dev.tidemark.broker.partition.Partition;
import dev.tidemark.broker.partition.Partitions;
import dev.tidemark.protocol.ApiKey;
import dev.tidemark.protocol.ErrorCode;
import dev.tidemark.protocol.message.ListOffsetsRequest;
import dev.tidemark.protocol.message.ListOffsetsRequest.ListOffsetsPartition;
import dev.tidemark.protocol.message.ListOffsetsRequest.ListOffsetsTopic;
import dev.tidemark.protocol.message.ListOffsetsResponse;
import dev.tidemark.protocol.message.ListOffsetsResponse.ListOffsetsPartitionResponse;
import dev.tidemark.protocol.message.ListOffsetsResponse.ListOffsetsTopicResponse;
import dev.tidemark.storage.log.LogSnapshot;
import dev.tidemark.storage.log.TimestampAndOffset;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Executor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// ListOffsets 1-11: the ends of a partition, or the first offset at or after a time. A time stands for one of the
/// special asks where it is negative: latest (-1), earliest (-2), the record with the largest timestamp (-3, from
/// version 7), and, without tiered storage, earliest local (-4, which is the earliest), latest tiered (-5, none) and
/// earliest to be tiered (-6, none).
///
/// Looking up a time reads the disk, so it runs on `diskExecutor`.
public final class ListOffsetsHandler implements Handler<ListOffsetsRequest> {
    private static final Logger LOG = LoggerFactory.getLogger(ListOffsetsHandler.class);
    private static final long LATEST = -1;
    private static final long EARLIEST = -2;
    private static final long MAX_TIMESTAMP = -3;
    private static final long EARLIEST_LOCAL = -4;
    private static final long LATEST_TIERED = -5;
    private static final long EARLIEST_PENDING_UPLOAD = -6;
    private static final byte READ_COMMITTED = 1;
    private static final short FIRST_VERSION_WITH_EPOCHS = 4;
    private static final short FIRST_VERSION_WITH_OFFSET_NOT_AVAILABLE = 5;
    private static final int NO_EPOCH = -1;

    private final Partitions partitions;
    private final ClusterView cluster;
    private final Executor diskExecutor;

    public ListOffsetsHandler(Partitions partitions, ClusterView cluster, Executor diskExecutor) {
        this.partitions = partitions;
        this.cluster = cluster;
        this.diskExecutor = diskExecutor;
    }

    @Override
    public ApiKey api() {
        return ApiKey.LIST_OFFSETS;
    }

    @Override
    public Class<ListOffsetsRequest> requestType() {
        return ListOffsetsRequest.class;
    }

    @Override
    public void handle(ListOffsetsRequest request, Call call) {
        if (readsDisk(request)) {
            diskExecutor.execute(() -> call.reply(answer(request, call.version())));
        } else {
            call.reply(answer(request, call.version()));
        }
    }

    private static boolean readsDisk(ListOffsetsRequest request) {
        for (ListOffsetsTopic topic : request.topics()) {
            for (ListOffsetsPartition partition : topic.partitions()) {
                if (partition.timestamp() >= 0 || partition.timestamp() == MAX_TIMESTAMP) return true;
            }
        }
        return false;
    }

    private ListOffsetsResponse answer(ListOffsetsRequest request, short version) {
        List<ListOffsetsTopicResponse> topics = new ArrayList<>();
        Set<PartitionName> seen = new HashSet<>();
        for (ListOffsetsTopic topic : request.topics()) {
            List<ListOffsetsPartitionResponse> answers = new ArrayList<>();
            for (ListOffsetsPartition asked : topic.partitions()) {
                boolean isFirst = seen.add(new PartitionName(topic.name(), asked.partitionIndex()));
                answers.add(
                        isFirst
                                ? lookUp(topic.name(), asked, request.isolationLevel(), version)
                                : failed(asked.partitionIndex(), ErrorCode.INVALID_REQUEST));
            }
            topics.add(new ListOffsetsTopicResponse(topic.name(), answers));
        }
        return ListOffsetsResponse.builder().topics(topics).build();
    }

    private record PartitionName(String topic, int partition) {}

    private ListOffsetsPartitionResponse lookUp(
            String topic, ListOffsetsPartition asked, byte isolationLevel, short version) {
        Partition partition = partitions.get(topic, asked.partitionIndex());
        if (partition == null) {
            return failed(asked.partitionIndex(), cluster.whyNotHere(topic, asked.partitionIndex()));
        }
        ErrorCode error = partition.checkLeader(asked.currentLeaderEpoch());
        if (error != ErrorCode.NONE) return failed(asked.partitionIndex(), error);
        if (asked.timestamp() < oldestAsk(version)) {
            return failed(asked.partitionIndex(), ErrorCode.UNSUPPORTED_VERSION);
        }
        if (isUncertain(partition, asked.timestamp())) {
            // A consumer that is told less than it was told before would take that for lost records.
            return failed(
                    asked.partitionIndex(),
                    version >= FIRST_VERSION_WITH_OFFSET_NOT_AVAILABLE
                            ? ErrorCode.OFFSET_NOT_AVAILABLE
                            : ErrorCode.LEADER_NOT_AVAILABLE);
        }
        try {
            return found(asked.partitionIndex(), find(partition, asked.timestamp(), isolationLevel), version);
        } catch (IOException failure) {
            LOG.error("Looking up the time {} in {} failed: {}", asked.timestamp(), partition.id(), failure.toString());
            return failed(asked.partitionIndex(), ErrorCode.KAFKA_STORAGE_ERROR);
        }
    }

    private static boolean isUncertain(Partition partition, long timestamp) {
        boolean asksForStart = timestamp == EARLIEST || timestamp == EARLIEST_LOCAL;
        return !asksForStart && partition.isEndUncertain();
    }

    /// The most negative special ask of a version.
    private static long oldestAsk(short version) {
        if (version >= 11) return EARLIEST_PENDING_UPLOAD;
        if (version >= 9) return LATEST_TIERED;
        if (version >= 8) return EARLIEST_LOCAL;
        return version >= 7 ? MAX_TIMESTAMP : EARLIEST;
    }

    private static TimestampAndOffset find(Partition partition, long timestamp, byte isolationLevel)
            throws IOException {
        LogSnapshot snapshot = partition.log().snapshot();
        long readableEnd =
                isolationLevel == READ_COMMITTED ? partition.log().lastStableOffset() : partition.highWatermark();
        if (timestamp == LATEST) return new TimestampAndOffset(-1, readableEnd, partition.leaderEpoch());
        if (timestamp == EARLIEST || timestamp == EARLIEST_LOCAL) return earliest(partition, snapshot);
        if (timestamp == LATEST_TIERED || timestamp == EARLIEST_PENDING_UPLOAD) return NOTHING;
        TimestampAndOffset found = timestamp == MAX_TIMESTAMP
                ? snapshot.offsetOfMaxTimestamp().orElse(NOTHING)
                : snapshot.offsetForTimestamp(timestamp).orElse(NOTHING);
        return found.offset() < readableEnd ? found : NOTHING;
    }

    private static final TimestampAndOffset NOTHING = new TimestampAndOffset(-1, -1, -1);

    private static TimestampAndOffset earliest(Partition partition, LogSnapshot snapshot) {
        long start = snapshot.logStartOffset();
        int epoch = epochAt(partition, start);
        return new TimestampAndOffset(-1, start, epoch);
    }

    /// The epoch that `offset` was written in; -1 where the log does not tell.
    private static int epochAt(Partition partition, long offset) {
        return partition.log().epochs().epochOf(offset);
    }

    private static ListOffsetsPartitionResponse found(int partition, TimestampAndOffset found, short version) {
        return ListOffsetsPartitionResponse.builder()
                .partitionIndex(partition)
                .timestamp(found.timestampMs())
                .offset(found.offset())
                .leaderEpoch(version >= FIRST_VERSION_WITH_EPOCHS ? found.leaderEpoch() : NO_EPOCH)
                .build();
    }

    private static ListOffsetsPartitionResponse failed(int partition, ErrorCode error) {
        return ListOffsetsPartitionResponse.builder()
                .partitionIndex(partition)
                .errorCode(error.code())
                .build();
    }
}
