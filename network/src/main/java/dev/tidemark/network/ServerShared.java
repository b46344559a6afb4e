package dev.tidemark.network;

import dev.tidemark.broker.dispatch.RequestProcessor;

/// What all connections of a server share.
record ServerShared(
        NetworkConfig config, RequestProcessor processor, MemoryBudget budget, PeerLog peerLog, ColdReads coldReads) {}
