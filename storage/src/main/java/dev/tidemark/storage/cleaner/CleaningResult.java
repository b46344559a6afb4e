package dev.tidemark.storage.cleaner;

/// What one pass over a log did.
///
/// @param cleanedTo the first offset that is still dirty
/// @param completed false where the log changed under the pass, which then gave up
/// @param keys      how many keys the dirty part had
public record CleaningResult(
        long cleanedTo,
        boolean completed,
        int keys,
        long bytesRead,
        long bytesWritten,
        long batchesRead,
        long batchesKept) {}
