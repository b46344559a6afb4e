package dev.tidemark.bench.scenario;

/// How much work each scenario does. The warm-up is the same work and is not measured: what counts is a broker that
/// has run for a while, not how long its compiler takes.
public record Sizes(
        long streamWarmup,
        long streamRecords,
        long spreadWarmup,
        long spreadRecords,
        long restartRecords,
        long singleWarmup,
        long singleRequests,
        int latencyWarmupSeconds,
        int latencySeconds,
        int settleSeconds,
        int idleSeconds) {
    public static final int RECORD_BYTES = 1024;

    public static Sizes full() {
        return new Sizes(500_000, 1_500_000, 150_000, 500_000, 2_000_000, 100_000, 200_000, 10, 30, 10, 20);
    }

    public static Sizes quick() {
        return new Sizes(200_000, 400_000, 50_000, 100_000, 600_000, 30_000, 60_000, 5, 10, 5, 10);
    }

    /// Disk that one broker may fill at most, with room for both files and indexes.
    public long diskBytes() {
        long records = Math.max(streamWarmup + streamRecords, restartRecords);
        return records * RECORD_BYTES * 3 / 2 + (2L << 30);
    }
}
