package dev.tidemark.simulator.cluster;

import dev.tidemark.base.Bytes;
import dev.tidemark.metadata.json.Znodes;
import dev.tidemark.metadata.store.InMemoryMetadataStore;
import dev.tidemark.metadata.store.MetadataStore;
import dev.tidemark.metadata.store.SessionEvent;
import dev.tidemark.metadata.store.StoreEvent;
import dev.tidemark.metadata.store.StoreOp;
import dev.tidemark.metadata.store.StoredNode;
import dev.tidemark.metadata.store.WriteResult;
import dev.tidemark.simulator.flaw.Flaw;
import dev.tidemark.simulator.world.SimulatedProcess;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Consumer;

/// A client of the ensemble inside of a process: what comes back runs as the process's own tasks, in order, so that a
/// paused process hears it late and a dead one never.
final class ProcessStore implements MetadataStore {
    private static final long INBOUND_NS_MAX = 500_000;

    private final InMemoryMetadataStore client;
    private final Flaw flaw;
    private final Executor inbound;

    ProcessStore(InMemoryMetadataStore client, SimulatedProcess process, Flaw flaw) {
        this.client = client;
        this.flaw = flaw;
        this.inbound = process.inOrder(1_000, INBOUND_NS_MAX);
    }

    InMemoryMetadataStore client() {
        return client;
    }

    private <T> CompletableFuture<T> here(CompletableFuture<T> there) {
        CompletableFuture<T> answer = new CompletableFuture<>();
        var _ = there.whenComplete((value, failure) -> inbound.execute(() -> {
            if (failure == null) answer.complete(value);
            else answer.completeExceptionally(failure);
        }));
        return answer;
    }

    @Override
    public CompletableFuture<Optional<StoredNode>> get(String path) {
        return here(client.get(path));
    }

    @Override
    public CompletableFuture<List<Optional<StoredNode>>> getAll(List<String> paths) {
        return here(client.getAll(paths));
    }

    @Override
    public CompletableFuture<Optional<List<String>>> children(String path) {
        return here(client.children(path));
    }

    @Override
    public CompletableFuture<WriteResult> multi(List<StoreOp> ops) {
        return here(client.multi(ops.stream()
                .filter(op -> !(flaw == Flaw.CONTROLLER_WITHOUT_FENCE && op instanceof StoreOp.CheckVersion))
                .map(this::flawed)
                .toList()));
    }

    private StoreOp flawed(StoreOp op) {
        return switch (op) {
            case StoreOp.SetData set
            when flaw == Flaw.CONTROLLER_WITHOUT_FENCE -> StoreOp.set(set.path(), set.data(), StoreOp.ANY_VERSION);
            case StoreOp.Create create
            when flaw == Flaw.UNCLEAN_STOP_UNTOLD && create.path().startsWith(Znodes.BROKER_IDS) ->
                new StoreOp.Create(
                        create.path(),
                        Bytes.utf8(create.data().toUtf8().replace(",\"stopped_cleanly\":false", "")),
                        create.mode());
            case StoreOp _ -> op;
        };
    }

    @Override
    public CompletableFuture<Void> watchTree(String path, Consumer<StoreEvent> watcher) {
        return here(client.watchTree(path, event -> inbound.execute(() -> watcher.accept(event))));
    }

    @Override
    public CompletableFuture<Void> unwatchTree(String path) {
        return here(client.unwatchTree(path));
    }

    @Override
    public void onSession(Consumer<SessionEvent> listener) {
        client.onSession(event -> inbound.execute(() -> listener.accept(event)));
    }

    @Override
    public CompletableFuture<Void> close() {
        return here(client.close());
    }
}
