package dev.tidemark.broker.replica;

/// How this broker fetches from leaders. The comments name the broker's config keys.
///
/// @param waitMsMax `replica.fetch.wait.max.ms`: how long a leader may hold an answer for want of records
/// @param bytesMin `replica.fetch.min.bytes`
/// @param replyBytesMax `replica.fetch.response.max.bytes`
/// @param partitionBytesMax `replica.fetch.max.bytes`
/// @param answerTimeoutMs `replica.socket.timeout.ms`: on top of the wait
/// @param pauseMsMax `replica.fetch.backoff.ms`: the longest pause after failures; the first is much shorter
public record FetcherSettings(
        int waitMsMax, int bytesMin, int replyBytesMax, int partitionBytesMax, int answerTimeoutMs, int pauseMsMax) {
    public static final FetcherSettings DEFAULTS = new FetcherSettings(500, 1, 10 << 20, 1 << 20, 30_000, 1_000);
}
