package dev.tidemark.broker.partition;

import dev.tidemark.protocol.ErrorCode;

/// What became of a deletion of records.
///
/// @param lowWatermark no living replica has records below; -1 where that is not known
public record DeletedRecords(long lowWatermark, ErrorCode error) {
    static DeletedRecords refused(ErrorCode error) {
        return new DeletedRecords(-1, error);
    }
}
