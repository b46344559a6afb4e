package dev.tidemark.client.admin;

import dev.tidemark.base.TopicPartition;
import dev.tidemark.protocol.message.DeleteRecordsRequest;
import dev.tidemark.protocol.message.DeleteRecordsResponse;
import dev.tidemark.protocol.message.ListOffsetsRequest;
import dev.tidemark.protocol.message.ListOffsetsResponse;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/// Where partitions begin and end, and which offset has a time; cutting off the beginning.
public final class OffsetAdmin {
    /// Asked for instead of a time: the end of the log.
    public static final long LATEST = -1;
    /// Asked for instead of a time: the first offset that is there.
    public static final long EARLIEST = -2;
    /// Asked for instead of a time: the record with the greatest timestamp.
    public static final long MAX_TIMESTAMP = -3;

    private static final byte READ_UNCOMMITTED = 0;
    private static final byte READ_COMMITTED = 1;

    private final AdminCalls calls;

    OffsetAdmin(AdminCalls calls) {
        this.calls = calls;
    }

    /// @param offset -1 where no record is as young as the time asked for
    /// @param timestampMs of the record; -1 at the log's ends
    public record Position(long offset, long timestampMs, int leaderEpoch) {}

    /// @param times for each partition milliseconds since 1970, or one of the constants
    public Map<TopicPartition, Result<Position>> list(Map<TopicPartition, Long> times) throws InterruptedException {
        return list(times, false);
    }

    /// @param readCommitted the end is where the first transaction begins that is open, as for who reads committed
    ///     records only
    public Map<TopicPartition, Result<Position>> list(Map<TopicPartition, Long> times, boolean readCommitted)
            throws InterruptedException {
        return calls.leaders(
                times.keySet(),
                led -> calls.call(toRequest(led, times, readCommitted), ListOffsetsResponse.class),
                OffsetAdmin::toPositions);
    }

    private ListOffsetsRequest toRequest(
            List<TopicPartition> partitions, Map<TopicPartition, Long> times, boolean readCommitted) {
        return ListOffsetsRequest.builder()
                .replicaId(-1)
                .isolationLevel(readCommitted ? READ_COMMITTED : READ_UNCOMMITTED)
                .timeoutMs(calls.config().requestTimeoutMs())
                .topics(byTopic(
                                partitions,
                                each -> ListOffsetsRequest.ListOffsetsPartition.builder()
                                        .partitionIndex(each.partition())
                                        .timestamp(times.getOrDefault(each, LATEST))
                                        .build())
                        .entrySet()
                        .stream()
                        .map(topic -> ListOffsetsRequest.ListOffsetsTopic.builder()
                                .name(topic.getKey())
                                .partitions(topic.getValue())
                                .build())
                        .toList())
                .build();
    }

    private static Map<TopicPartition, Result<Position>> toPositions(ListOffsetsResponse response) {
        Map<TopicPartition, Result<Position>> positions = new HashMap<>();
        for (var topic : response.topics())
            for (var partition : topic.partitions())
                positions.put(
                        new TopicPartition(topic.name(), partition.partitionIndex()),
                        Result.of(
                                partition.errorCode(),
                                null,
                                new Position(partition.offset(), partition.timestamp(), partition.leaderEpoch())));
        return positions;
    }

    /// Makes records before the given offsets unreadable, for good. The value of a success is the new first offset.
    ///
    /// @param before for each partition an offset, or -1 for the high watermark
    public Map<TopicPartition, Result<Long>> deleteRecords(Map<TopicPartition, Long> before)
            throws InterruptedException {
        return calls.leaders(
                before.keySet(),
                led -> calls.call(
                        DeleteRecordsRequest.builder()
                                .timeoutMs(calls.config().requestTimeoutMs())
                                .topics(byTopic(
                                                led,
                                                each -> DeleteRecordsRequest.DeleteRecordsPartition.builder()
                                                        .partitionIndex(each.partition())
                                                        .offset(before.getOrDefault(each, 0L))
                                                        .build())
                                        .entrySet()
                                        .stream()
                                        .map(topic -> DeleteRecordsRequest.DeleteRecordsTopic.builder()
                                                .name(topic.getKey())
                                                .partitions(topic.getValue())
                                                .build())
                                        .toList())
                                .build(),
                        DeleteRecordsResponse.class),
                OffsetAdmin::toLowWatermarks);
    }

    private static Map<TopicPartition, Result<Long>> toLowWatermarks(DeleteRecordsResponse response) {
        Map<TopicPartition, Result<Long>> results = new HashMap<>();
        for (var topic : response.topics())
            for (var partition : topic.partitions())
                results.put(
                        new TopicPartition(topic.name(), partition.partitionIndex()),
                        Result.of(partition.errorCode(), null, partition.lowWatermark()));
        return results;
    }

    /// Requests list partitions under their topics.
    static <T> Map<String, List<T>> byTopic(
            Iterable<TopicPartition> partitions, Function<TopicPartition, T> toElement) {
        Map<String, List<T>> topics = new LinkedHashMap<>();
        for (TopicPartition partition : partitions)
            topics.computeIfAbsent(partition.topic(), topic -> new ArrayList<>())
                    .add(toElement.apply(partition));
        return topics;
    }
}
