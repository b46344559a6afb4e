package dev.tidemark.client.admin;

import dev.tidemark.base.TopicPartition;
import dev.tidemark.client.Node;
import dev.tidemark.client.cluster.ClusterMetadata;
import dev.tidemark.protocol.ErrorCode;
import dev.tidemark.protocol.message.DescribeLogDirsRequest;
import dev.tidemark.protocol.message.DescribeLogDirsResponse;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// The cluster as a whole: its brokers and their disks.
public final class ClusterAdmin {
    private final AdminCalls calls;

    ClusterAdmin(AdminCalls calls) {
        this.calls = calls;
    }

    /// @param controllerId -1 while there is none
    public record Description(@Nullable String clusterId, int controllerId, List<Node> brokers) {}

    /// One of a broker's log directories.
    ///
    /// @param error why it is offline, or [ErrorCode#NONE]
    /// @param totalBytes of its volume, -1 where the broker does not say
    /// @param replicaBytes the size of each partition's log
    public record LogDir(
            int brokerId,
            String path,
            ErrorCode error,
            long totalBytes,
            long usableBytes,
            Map<TopicPartition, Long> replicaBytes) {}

    public Description describe() throws InterruptedException {
        ClusterMetadata metadata = calls.retrying(() -> calls.cluster().refresh(List.of(), false));
        List<Node> brokers = metadata.nodes().values().stream()
                .sorted(Comparator.comparingInt(Node::id))
                .toList();
        return new Description(metadata.clusterId(), metadata.controllerId(), brokers);
    }

    /// Of all brokers.
    public List<LogDir> logDirs() throws InterruptedException {
        List<LogDir> dirs = new ArrayList<>();
        for (Node node : describe().brokers()) {
            DescribeLogDirsResponse response = calls.node(
                    node,
                    calls.call(DescribeLogDirsRequest.builder().topics(null).build(), DescribeLogDirsResponse.class));
            for (var result : response.results()) dirs.add(toLogDir(node, result));
        }
        return dirs;
    }

    /// The bytes of each partition's largest replica.
    public Map<TopicPartition, Long> partitionBytes() throws InterruptedException {
        Map<TopicPartition, Long> bytes = new TreeMap<>();
        for (LogDir dir : logDirs()) dir.replicaBytes().forEach((where, size) -> bytes.merge(where, size, Math::max));
        return bytes;
    }

    private static LogDir toLogDir(Node node, DescribeLogDirsResponse.DescribeLogDirsResult result) {
        Map<TopicPartition, Long> sizes = new LinkedHashMap<>();
        for (var topic : result.topics())
            for (var partition : topic.partitions())
                sizes.put(new TopicPartition(topic.name(), partition.partitionIndex()), partition.partitionSize());
        return new LogDir(
                node.id(),
                result.logDir(),
                ErrorCode.forCode(result.errorCode()),
                result.totalBytes(),
                result.usableBytes(),
                sizes);
    }
}
