package dev.tidemark.coordinator.runtime;

import java.util.List;

/// Records that become one record batch. `producerId` and `producerEpoch` are -1 but for offsets that are
/// committed in a transaction: then the batch is transactional.
public record LogBatch(List<LogRecord> records, long producerId, short producerEpoch) {
    public static final long NO_PRODUCER_ID = -1;
    public static final short NO_PRODUCER_EPOCH = -1;

    public LogBatch {
        records = List.copyOf(records);
    }

    public static LogBatch of(List<LogRecord> records) {
        return new LogBatch(records, NO_PRODUCER_ID, NO_PRODUCER_EPOCH);
    }

    public boolean isTransactional() {
        return producerId != NO_PRODUCER_ID;
    }
}
