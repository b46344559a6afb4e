package dev.tidemark.metadata.control;

import dev.tidemark.metadata.json.Parsed;
import dev.tidemark.metadata.json.ProducerIdBlockJson;
import dev.tidemark.metadata.json.ProducerIdBlockJson.Block;
import dev.tidemark.metadata.json.Znodes;
import dev.tidemark.metadata.store.MetadataStore;
import dev.tidemark.metadata.store.StoreOp;
import dev.tidemark.metadata.store.StoredNode;
import java.util.concurrent.CompletableFuture;

/// Gives brokers blocks of 1,000 producer ids, each to one broker only, through `/latest_producer_id_block`.
///
/// A block whose write is not answered is given up: ids may be skipped, but are never given twice.
public final class ProducerIdBlocks {
    public static final int BLOCK_SIZE = 1_000;

    private final MetadataStore store;

    public ProducerIdBlocks(MetadataStore store) {
        this.store = store;
    }

    /// A block that nobody has had before. Callable from any thread; fails with a [StoreException] where the store does
    /// not answer, and with an [IllegalStateException] where the znode cannot be understood or no ids are left.
    public CompletableFuture<Block> next(int brokerId) {
        return store.get(Znodes.PRODUCER_ID_BLOCK)
                .thenCompose(node -> node.isEmpty()
                        ? CompletableFuture.failedFuture(
                                new IllegalStateException("the znode " + Znodes.PRODUCER_ID_BLOCK + " is missing"))
                        : take(brokerId, node.get()));
    }

    private CompletableFuture<Block> take(int brokerId, StoredNode node) {
        long first;
        if (node.data().isEmpty()) first = 0;
        else {
            switch (ProducerIdBlockJson.parse(node.data())) {
                case Parsed.Good<Block>(var latest) -> first = latest.last() + 1;
                case Parsed.Bad<Block>(var why) -> {
                    return CompletableFuture.failedFuture(new IllegalStateException(
                            "the znode " + Znodes.PRODUCER_ID_BLOCK + " is unreadable: " + why));
                }
            }
        }
        if (first < 0 || first > Long.MAX_VALUE - BLOCK_SIZE) {
            return CompletableFuture.failedFuture(new IllegalStateException("no producer ids are left"));
        }
        Block block = new Block(brokerId, first, first + BLOCK_SIZE - 1);
        return store.write(StoreOp.set(Znodes.PRODUCER_ID_BLOCK, ProducerIdBlockJson.write(block), node.version()))
                .thenCompose(result -> result.isDone() ? CompletableFuture.completedFuture(block) : next(brokerId));
    }
}
