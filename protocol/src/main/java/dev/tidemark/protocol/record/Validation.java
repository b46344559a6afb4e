package dev.tidemark.protocol.record;

import dev.tidemark.protocol.ErrorCode;
import java.util.List;

/// What [BatchValidator] found.
public sealed interface Validation {
    /// The batch may be appended.
    ///
    /// @param batch what to append: the given bytes, maybe stamped with the broker's time, or a new batch on
    ///     the heap where the topic compresses in another way
    record Valid(BatchHeader batch) implements Validation {}

    /// The batch must not be appended.
    ///
    /// @param error [ErrorCode#CORRUPT_MESSAGE], [ErrorCode#INVALID_RECORD], [ErrorCode#INVALID_TIMESTAMP] or
    ///     [ErrorCode#MESSAGE_TOO_LARGE]
    /// @param recordErrors which of the batch's records are to blame, where that is known (KIP-467); not
    ///     all of many
    record Invalid(ErrorCode error, String message, List<RecordError> recordErrors) implements Validation {}

    /// @param index which record of the batch, from 0
    record RecordError(int index, String message) {}
}
