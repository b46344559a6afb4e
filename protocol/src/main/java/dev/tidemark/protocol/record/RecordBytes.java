package dev.tidemark.protocol.record;

/// A run of record batches, wherever they lie: in memory ([MemoryRecords]) or in a file.
public interface RecordBytes {
    int sizeInBytes();
}
