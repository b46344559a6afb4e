package dev.tidemark.coordinator.runtime;

/// @param commitTimeoutMs how long a reply waits for the high watermark before the caller is told that it timed
///     out
/// @param batchBytesMax when decisions of several keys are combined into one batch, about how large it may grow
/// @param sweepIntervalMs how often every key is given [Machine#sweepInput]
/// @param retryBackoffMs when an input that nobody waits for is tried again after its append was refused
/// @param reloadBackoffMs after a failure, the pause before the shard is loaded again; doubles up to a minute
public record ShardConfig(
        long commitTimeoutMs, int batchBytesMax, long sweepIntervalMs, long retryBackoffMs, long reloadBackoffMs) {
    public static ShardConfig defaults() {
        return new ShardConfig(5_000, 256 * 1024, 600_000, 500, 1_000);
    }
}
