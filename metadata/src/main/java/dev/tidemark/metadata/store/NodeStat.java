package dev.tidemark.metadata.store;

/// What the store knows of a node beside its data.
///
/// @param czxid the transaction that created it
/// @param mzxid the transaction that last set its data
/// @param version how often its data was set since
/// @param ephemeralOwner the session that it dies with, 0 for a persistent node
public record NodeStat(long czxid, long mzxid, int version, long ephemeralOwner) {}
