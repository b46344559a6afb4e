package dev.tidemark.broker.admin;

import dev.tidemark.base.TopicPartition;
import dev.tidemark.base.disk.Disk;
import dev.tidemark.broker.dispatch.Call;
import dev.tidemark.broker.dispatch.Handler;
import dev.tidemark.protocol.ApiKey;
import dev.tidemark.protocol.ErrorCode;
import dev.tidemark.protocol.message.DescribeLogDirsRequest;
import dev.tidemark.protocol.message.DescribeLogDirsRequest.DescribableLogDirTopic;
import dev.tidemark.protocol.message.DescribeLogDirsResponse;
import dev.tidemark.protocol.message.DescribeLogDirsResponse.DescribeLogDirsPartition;
import dev.tidemark.protocol.message.DescribeLogDirsResponse.DescribeLogDirsResult;
import dev.tidemark.protocol.message.DescribeLogDirsResponse.DescribeLogDirsTopic;
import dev.tidemark.storage.directory.LogDirectory;
import dev.tidemark.storage.log.PartitionLog;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.Executor;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// DescribeLogDirs 1-5: the size of each partition in each log directory, and what the disk has left. An offline
/// directory answers KAFKA_STORAGE_ERROR.
public final class DescribeLogDirsHandler implements Handler<DescribeLogDirsRequest> {
    private static final long UNKNOWN = -1;

    private final Supplier<List<LogDirectory>> directories;
    private final Executor diskExecutor;

    public DescribeLogDirsHandler(Supplier<List<LogDirectory>> directories, Executor diskExecutor) {
        this.directories = directories;
        this.diskExecutor = diskExecutor;
    }

    @Override
    public ApiKey api() {
        return ApiKey.DESCRIBE_LOG_DIRS;
    }

    @Override
    public Class<DescribeLogDirsRequest> requestType() {
        return DescribeLogDirsRequest.class;
    }

    @Override
    public void handle(DescribeLogDirsRequest request, Call call) {
        diskExecutor.execute(() -> {
            Set<TopicPartition> wanted = wanted(request);
            call.reply(DescribeLogDirsResponse.builder()
                    .results(directories.get().stream()
                            .map(directory -> describe(directory, wanted))
                            .toList())
                    .build());
        });
    }

    /// Null for all.
    private static @Nullable Set<TopicPartition> wanted(DescribeLogDirsRequest request) {
        if (request.topics() == null) return null;
        Set<TopicPartition> wanted = new HashSet<>();
        for (DescribableLogDirTopic topic : request.topics()) {
            for (int partition : topic.partitions()) wanted.add(new TopicPartition(topic.topic(), partition));
        }
        return wanted;
    }

    private static DescribeLogDirsResult describe(LogDirectory directory, @Nullable Set<TopicPartition> wanted) {
        DescribeLogDirsResult.Builder result = DescribeLogDirsResult.builder()
                .logDir(directory.path().toAbsolutePath().toString());
        if (!directory.isOnline()) {
            return result.errorCode(ErrorCode.KAFKA_STORAGE_ERROR.code())
                    .totalBytes(UNKNOWN)
                    .usableBytes(UNKNOWN)
                    .build();
        }
        try {
            Disk.Space space = directory.space();
            result.totalBytes(space.totalBytes()).usableBytes(space.usableBytes());
        } catch (IOException unknown) {
            result.totalBytes(UNKNOWN).usableBytes(UNKNOWN);
        }
        return result.topics(topics(directory, wanted)).build();
    }

    private static List<DescribeLogDirsTopic> topics(LogDirectory directory, @Nullable Set<TopicPartition> wanted) {
        Map<String, List<DescribeLogDirsPartition>> byTopic = new TreeMap<>();
        for (PartitionLog log : directory.logs()) {
            TopicPartition id = log.topicPartition();
            if (wanted != null && !wanted.contains(id)) continue;
            byTopic.computeIfAbsent(id.topic(), topic -> new ArrayList<>())
                    .add(DescribeLogDirsPartition.builder()
                            .partitionIndex(id.partition())
                            .partitionSize(log.snapshot().sizeInBytes())
                            .build());
        }
        for (TopicPartition id : directory.unopened().keySet()) {
            if (wanted != null && !wanted.contains(id)) continue;
            byTopic.computeIfAbsent(id.topic(), topic -> new ArrayList<>())
                    .add(DescribeLogDirsPartition.builder()
                            .partitionIndex(id.partition())
                            .partitionSize(UNKNOWN)
                            .build());
        }
        List<DescribeLogDirsTopic> topics = new ArrayList<>();
        byTopic.forEach((topic, partitions) -> topics.add(new DescribeLogDirsTopic(topic, partitions)));
        return topics;
    }
}
