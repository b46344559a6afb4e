package dev.tidemark.broker;

import dev.tidemark.base.Bytes;
import dev.tidemark.base.TopicPartition;
import dev.tidemark.base.Uuid;
import dev.tidemark.base.disk.MemoryDisk;
import dev.tidemark.broker.partition.IsrChanges;
import dev.tidemark.broker.partition.IsrNews;
import dev.tidemark.broker.partition.LaggingPartitions;
import dev.tidemark.broker.partition.Partition;
import dev.tidemark.broker.partition.Partitions;
import dev.tidemark.broker.partition.ReplicaListener;
import dev.tidemark.broker.partition.Replication;
import dev.tidemark.protocol.record.Compression;
import dev.tidemark.protocol.record.MemoryRecords;
import dev.tidemark.protocol.record.RecordBatchBuilder;
import dev.tidemark.replication.leader.LeaderTerm;
import dev.tidemark.storage.directory.LogDirectory;
import dev.tidemark.storage.log.LogConfig;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/// Real partitions over a log directory in memory, all on one thread.
public final class TestPartitions {
    public final ManualLoop loop = new ManualLoop();
    public final MemoryDisk disk = new MemoryDisk(loop);
    public final Partitions partitions = new Partitions();
    public final LogDirectory directory;

    /// Whether others may lead what this broker leads.
    public boolean isFenced;

    public TestPartitions() {
        try {
            directory = LogDirectory.open(
                    LogDirectory.Options.of(Path.of("/data")),
                    new LogDirectory.Identity("cluster", 1, new Uuid(1, 2)),
                    disk,
                    loop,
                    Runnable::run,
                    new Silent());
        } catch (IOException impossible) {
            throw new AssertionError(impossible);
        }
    }

    public static Uuid idOf(String topic) {
        return new Uuid(77, topic.hashCode());
    }

    /// A partition that this broker leads in epoch 5.
    public Partition led(String topic, int index) {
        Partition partition = held(topic, index);
        var _ = partition.lead(new LeaderTerm(5, 0, List.of(1), List.of(1)));
        return partition;
    }

    /// A partition that this broker holds and does not lead.
    public Partition held(String topic, int index) {
        try {
            TopicPartition id = new TopicPartition(topic, index);
            Partition partition = new Partition(
                    id,
                    idOf(topic),
                    directory.create(id, idOf(topic), LogConfig.DEFAULT),
                    directory,
                    loop,
                    replication());
            partitions.add(List.of(partition));
            return partition;
        } catch (IOException failure) {
            throw new AssertionError(failure);
        }
    }

    public ReplicaListener unheard() {
        return new Unheard();
    }

    public Replication replication() {
        return new Replication(
                1,
                IsrChanges.unavailable(),
                (topic, partition, broker, epoch) -> true,
                30_000,
                true,
                new Unheard(),
                new LaggingPartitions(loop),
                () -> isFenced,
                new IsrNews(loop));
    }

    /// One batch with a record per value.
    public MemoryRecords batch(Compression compression, String... values) {
        RecordBatchBuilder builder = new RecordBatchBuilder(compression);
        for (String value : values) builder.add(loop.wallMs(), null, Bytes.utf8(value));
        return new MemoryRecords(builder.build());
    }

    public MemoryRecords batch(String... values) {
        return batch(Compression.NONE, values);
    }

    private static final class Unheard implements ReplicaListener {
        @Override
        public void onOpened(Partition partition) {}

        @Override
        public void onChanged(Partition partition) {}

        @Override
        public void onDeleting(Partition partition) {}
    }

    private static final class Silent implements LogDirectory.Listener {
        @Override
        public void onOffline(LogDirectory offline, IOException cause) {}

        @Override
        public void onOnline(LogDirectory online) {}
    }
}
