package dev.tidemark.broker.fetch;

/// @param replyBytesMax `fetch.max.bytes`: no reply is larger, but for a first batch that is
/// @param partitionsMax more partitions in one request are refused
public record FetchLimits(int replyBytesMax, int partitionsMax) {}
