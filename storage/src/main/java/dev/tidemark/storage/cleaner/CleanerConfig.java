package dev.tidemark.storage.cleaner;

/// How a log directory's cleaner works.
///
/// @param enabled              `log.cleaner.enable`
/// @param threads              `log.cleaner.threads`: how many logs are cleaned at a time
/// @param dedupeBufferBytes    `log.cleaner.dedupe.buffer.size`: memory for keys, of all threads together
/// @param dedupeLoadFactor     `log.cleaner.io.buffer.load.factor`
/// @param ioBufferBytes        `log.cleaner.io.buffer.size`: memory for reading and writing, of all threads together
/// @param ioBytesPerSecondMax  `log.cleaner.io.max.bytes.per.second`, read and written
/// @param backoffMs            `log.cleaner.backoff.ms`: the rest when nothing is worth cleaning
/// @param decompressedBytesMax how many bytes the records of one batch may unpack to
public record CleanerConfig(
        boolean enabled,
        int threads,
        long dedupeBufferBytes,
        double dedupeLoadFactor,
        int ioBufferBytes,
        double ioBytesPerSecondMax,
        long backoffMs,
        int decompressedBytesMax) {
    /// Kafka's defaults.
    public static final CleanerConfig DEFAULT =
            new CleanerConfig(true, 1, 128L << 20, 0.9, 512 << 10, Double.MAX_VALUE, 15_000, Integer.MAX_VALUE - 8);
}
