package dev.tidemark.broker.produce;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/// Gives out producer ids, each once in the cluster, from blocks that this broker was given. While a block is on its
/// way those who want an id wait for it.
public final class ProducerIds {
    /// Ids from `first` on, `count` of them.
    public record Block(long first, int count) {}

    private final Supplier<CompletableFuture<Block>> blocks;
    private final Deque<CompletableFuture<Long>> waiting = new ArrayDeque<>();
    private long next;
    private long end;

    /// @param blocks asks for another block, which nobody has had before
    public ProducerIds(Supplier<CompletableFuture<Block>> blocks) {
        this.blocks = blocks;
    }

    /// Fails as the block's supplier does.
    public CompletableFuture<Long> next() {
        CompletableFuture<Long> wanted = new CompletableFuture<>();
        synchronized (this) {
            if (next < end) {
                wanted.complete(next++);
                return wanted;
            }
            waiting.add(wanted);
            if (waiting.size() > 1) return wanted;
        }
        fetchBlock();
        return wanted;
    }

    private void fetchBlock() {
        var _ = blocks.get().whenComplete((block, failure) -> {
            if (failure == null) {
                onBlock(block);
            } else {
                onFailure(failure);
            }
        });
    }

    private void onBlock(Block block) {
        Deque<CompletableFuture<Long>> served = new ArrayDeque<>();
        Deque<Long> ids = new ArrayDeque<>();
        boolean fetchMore;
        synchronized (this) {
            next = block.first();
            end = block.first() + block.count();
            while (next < end && !waiting.isEmpty()) {
                served.add(waiting.remove());
                ids.add(next++);
            }
            fetchMore = !waiting.isEmpty();
        }
        while (!served.isEmpty()) served.remove().complete(ids.remove());
        if (fetchMore) fetchBlock();
    }

    private void onFailure(Throwable failure) {
        Deque<CompletableFuture<Long>> failed;
        synchronized (this) {
            failed = new ArrayDeque<>(waiting);
            waiting.clear();
        }
        failed.forEach(one -> one.completeExceptionally(failure));
    }
}
