package dev.tidemark.storage.log;

import dev.tidemark.base.TopicPartition;
import dev.tidemark.base.Uuid;
import dev.tidemark.storage.epoch.LeaderEpochs;
import dev.tidemark.storage.producer.ProducerHistory;
import dev.tidemark.storage.producer.ProducerStates;
import dev.tidemark.storage.segment.LogSegment;
import dev.tidemark.storage.segment.PartitionFolder;
import java.util.List;

/// What a log is made of, as it was created or found on the disk.
///
/// @param segments       in order, at least one
/// @param epochs         as in memory
/// @param epochsOnDisk   as in the checkpoint file
/// @param isFolderForced whether the files' names are known to be on the disk
public record LoadedLog(
        TopicPartition topicPartition,
        Uuid topicId,
        PartitionFolder folder,
        List<LogSegment> segments,
        long logStartOffset,
        long logEndOffset,
        long recoveryPoint,
        long highWatermark,
        LeaderEpochs epochs,
        LeaderEpochs epochsOnDisk,
        ProducerStates producers,
        ProducerHistory producerHistory,
        boolean isFolderForced) {}
