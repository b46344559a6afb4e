package dev.tidemark.broker.transaction;

import dev.tidemark.base.TopicPartition;
import dev.tidemark.base.time.Clock;
import dev.tidemark.broker.partition.AppendListener;
import dev.tidemark.broker.partition.MarkerAppend;
import dev.tidemark.broker.partition.Partition;
import dev.tidemark.broker.partition.Partitions;
import dev.tidemark.coordinator.group.GroupCoordinator;
import dev.tidemark.coordinator.runtime.EndMarker;
import dev.tidemark.protocol.ErrorCode;
import dev.tidemark.storage.log.AppendResult;
import java.util.concurrent.CompletableFuture;

/// Where markers of this broker's partitions go: into the log, or through the group coordinator, which must know.
public final class MarkerTarget {
    private final Partitions partitions;
    private final GroupCoordinator groups;
    private final Clock clock;

    public MarkerTarget(Partitions partitions, GroupCoordinator groups, Clock clock) {
        this.partitions = partitions;
        this.groups = groups;
        this.clock = clock;
    }

    /// NONE once the marker is committed. Never fails otherwise than by an error.
    public CompletableFuture<ErrorCode> write(TopicPartition id, EndMarker marker) {
        Partition partition = partitions.get(id.topic(), id.partition());
        if (partition == null) return CompletableFuture.completedFuture(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION);
        if (id.topic().equals(GroupCoordinator.OFFSETS_TOPIC)) return groups.endTransaction(id.partition(), marker);
        Written written = new Written(new CompletableFuture<>());
        MarkerAppend.append(partition, -1, marker, clock.wallMs(), written);
        return written.done;
    }

    private record Written(CompletableFuture<ErrorCode> done) implements AppendListener {
        @Override
        public void onAppended(int index, AppendResult result, boolean committed) {
            if (result instanceof AppendResult.Rejected rejected) done.complete(rejected.error());
            else if (committed) done.complete(ErrorCode.NONE);
        }

        @Override
        public void onCommitted(int index) {
            done.complete(ErrorCode.NONE);
        }

        @Override
        public void onCommitFailed(int index, ErrorCode error) {
            done.complete(error);
        }
    }
}
