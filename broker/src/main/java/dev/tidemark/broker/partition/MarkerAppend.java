package dev.tidemark.broker.partition;

import dev.tidemark.coordinator.runtime.EndMarker;
import dev.tidemark.protocol.ErrorCode;
import dev.tidemark.protocol.record.BatchHeader;
import dev.tidemark.protocol.record.Compression;
import dev.tidemark.protocol.record.RecordBatchBuilder;
import java.nio.ByteBuffer;

/// Writes the end of a transaction into a partition.
///
/// A marker may come late, over another connection, when the producer has begun its next transaction already. From
/// transaction version 2 on that one has the epoch of the marker: a marker ends nothing that was written in its own
/// epoch (KIP-1228).
public final class MarkerAppend {
    private MarkerAppend() {}

    /// @param leaderEpoch in which the partition must be led, -1 for any
    /// @param listener hears of it as of any append
    public static void append(
            Partition partition, int leaderEpoch, EndMarker marker, long wallMs, AppendListener listener) {
        partition.append(Append.ofCoordinator(encode(marker, wallMs), wallMs, listener)
                .inEpoch(leaderEpoch)
                .onlyIf(() -> admit(partition, marker)));
    }

    private static ErrorCode admit(Partition partition, EndMarker marker) {
        if (endsItsOwnEpoch(partition, marker)) return ErrorCode.INVALID_PRODUCER_EPOCH;
        partition.verifications().onMarker(marker.producerId(), marker.lastEndedEpoch());
        return ErrorCode.NONE;
    }

    private static boolean endsItsOwnEpoch(Partition partition, EndMarker marker) {
        return marker.hasEpochOfNext()
                && partition.log().hasOpenTransaction(marker.producerId())
                && partition.log().producerEpoch(marker.producerId()) >= marker.producerEpoch();
    }

    private static ByteBuffer encode(EndMarker marker, long wallMs) {
        return new RecordBatchBuilder(Compression.NONE)
                .producer(marker.producerId(), marker.producerEpoch(), BatchHeader.NO_SEQUENCE)
                .addEndTransactionMarker(wallMs, marker.commit(), marker.coordinatorEpoch())
                .build();
    }
}
