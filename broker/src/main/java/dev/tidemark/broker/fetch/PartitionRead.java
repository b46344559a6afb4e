package dev.tidemark.broker.fetch;

import dev.tidemark.protocol.ErrorCode;
import dev.tidemark.protocol.message.FetchResponse.AbortedTransaction;
import dev.tidemark.protocol.message.FetchResponse.EpochEndOffset;
import dev.tidemark.protocol.record.RecordBytes;
import dev.tidemark.storage.segment.FileRecords;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What one partition gave to a fetch. Whoever gets it hands `records` to a reply or releases them.
public record PartitionRead(
        ErrorCode error,
        long highWatermark,
        long lastStableOffset,
        long logStartOffset,
        @Nullable EpochEndOffset divergingEpoch,
        int preferredReadReplica,
        @Nullable List<AbortedTransaction> abortedTransactions,
        @Nullable RecordBytes records) {

    public static PartitionRead failed(ErrorCode error) {
        return new PartitionRead(error, -1, -1, -1, null, -1, null, null);
    }

    /// Nothing is read here: `replica` should be asked (KIP-392).
    public static PartitionRead elsewhere(int replica, long highWatermark, long lastStableOffset, long logStartOffset) {
        return new PartitionRead(
                ErrorCode.NONE,
                highWatermark,
                lastStableOffset,
                logStartOffset,
                null,
                replica,
                null,
                FileRecords.EMPTY);
    }

    public int sizeInBytes() {
        return records == null ? 0 : records.sizeInBytes();
    }

    public boolean isError() {
        return error != ErrorCode.NONE;
    }
}
