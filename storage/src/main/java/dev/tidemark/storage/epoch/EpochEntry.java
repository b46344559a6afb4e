package dev.tidemark.storage.epoch;

/// Leader epoch `epoch` begins at `startOffset`.
public record EpochEntry(int epoch, long startOffset) {}
