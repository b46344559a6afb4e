package dev.tidemark.metadata.control;

import dev.tidemark.metadata.json.ProducerIdBlockJson.Block;
import dev.tidemark.metadata.store.MetadataStore;
import java.util.concurrent.CompletableFuture;

/// Gives brokers blocks of 1,000 producer ids, each to one broker only, through `/latest_producer_id_block`.
public final class ProducerIdBlocks {
    public static final int BLOCK_SIZE = 1_000;

    public ProducerIdBlocks(MetadataStore store) {}

    /// A block that nobody has had before. Callable from any thread; fails with a
    /// [dev.tidemark.metadata.store.StoreException] where the store does not answer.
    public CompletableFuture<Block> next(int brokerId) {
        return CompletableFuture.failedFuture(new UnsupportedOperationException());
    }
}
