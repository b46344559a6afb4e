package dev.tidemark.coordinator.group;

import dev.tidemark.base.time.Loop;
import dev.tidemark.coordinator.runtime.Caller;
import dev.tidemark.coordinator.runtime.CoordinatorLog;
import dev.tidemark.coordinator.runtime.EndMarker;
import dev.tidemark.coordinator.runtime.Shard;
import dev.tidemark.coordinator.runtime.ShardConfig;
import dev.tidemark.protocol.ErrorCode;
import dev.tidemark.protocol.message.OffsetCommitResponse;
import dev.tidemark.protocol.message.Response;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.IntFunction;
import java.util.function.Supplier;

/// The shards of the offsets topic that this broker has ever led, by partition. Callable from any thread.
final class GroupShards {
    private final Map<Integer, Shard<GroupMachine, GroupInput, GroupFact, Response>> shards =
            new ConcurrentSkipListMap<>();
    private final Supplier<GroupMachine> machines;
    private final Supplier<GroupCoordinatorConfig> config;
    private final IntFunction<Loop> loopOfPartition;
    private final Executor background;

    GroupShards(
            Supplier<GroupMachine> machines,
            Supplier<GroupCoordinatorConfig> config,
            IntFunction<Loop> loopOfPartition,
            Executor background) {
        this.machines = machines;
        this.config = config;
        this.loopOfPartition = loopOfPartition;
        this.background = background;
    }

    void onElected(int partition, int leaderEpoch, CoordinatorLog log) {
        shards.computeIfAbsent(partition, this::create).onElected(leaderEpoch, log);
    }

    private Shard<GroupMachine, GroupInput, GroupFact, Response> create(int partition) {
        ShardConfig defaults = ShardConfig.defaults();
        ShardConfig shardConfig = new ShardConfig(
                config.get().offsetCommitTimeoutMs(),
                defaults.batchBytesMax(),
                config.get().offsetsRetentionCheckIntervalMs(),
                defaults.retryBackoffMs(),
                defaults.reloadBackoffMs());
        String name = GroupCoordinator.OFFSETS_TOPIC + "-" + partition;
        return new Shard<>(name, shardConfig, loopOfPartition.apply(partition), background, machines);
    }

    void onResigned(int partition, int leaderEpoch) {
        Shard<GroupMachine, GroupInput, GroupFact, Response> shard = shards.get(partition);
        if (shard != null) shard.onResigned(leaderEpoch);
    }

    void resignAll() {
        for (Shard<GroupMachine, GroupInput, GroupFact, Response> shard : shards.values())
            shard.onResigned(Integer.MAX_VALUE);
    }

    void forgetAll() {
        resignAll();
        shards.clear();
    }

    void sweep(GroupInput input) {
        for (Shard<GroupMachine, GroupInput, GroupFact, Response> shard : shards.values()) shard.sweep(input);
    }

    /// Gives the input to a group; `onError` makes the answer where the shard cannot.
    <T extends Response> CompletableFuture<T> ask(
            int partition, String groupId, GroupInput input, Class<T> type, Function<ErrorCode, T> onError) {
        Shard<GroupMachine, GroupInput, GroupFact, Response> shard = shards.get(partition);
        if (shard == null) return CompletableFuture.completedFuture(onError.apply(ErrorCode.NOT_COORDINATOR));
        Answer<T> answer = new Answer<>(type, onError);
        shard.submit(groupId, input, answer);
        return answer.future;
    }

    void tell(int partition, Consumer<GroupMachine> news) {
        Shard<GroupMachine, GroupInput, GroupFact, Response> shard = shards.get(partition);
        if (shard != null) shard.tell(news);
    }

    CompletableFuture<ErrorCode> endTransaction(int partition, EndMarker marker) {
        CompletableFuture<ErrorCode> done = new CompletableFuture<>();
        Shard<GroupMachine, GroupInput, GroupFact, Response> shard = shards.get(partition);
        if (shard == null) return CompletableFuture.completedFuture(ErrorCode.NOT_COORDINATOR);
        shard.endTransaction(marker, OffsetCommitResponse.builder().build(), new Caller<>() {
            @Override
            public void reply(Response reply) {
                done.complete(ErrorCode.NONE);
            }

            @Override
            public void fail(ErrorCode error) {
                done.complete(error);
            }
        });
        return done;
    }

    /// Asks every shard that is led here.
    <T extends Response> List<CompletableFuture<T>> readAll(
            Function<GroupMachine, T> question, Class<T> type, Function<ErrorCode, T> onError) {
        List<CompletableFuture<T>> answers = new ArrayList<>();
        for (Shard<GroupMachine, GroupInput, GroupFact, Response> shard : led()) {
            Answer<T> answer = new Answer<>(type, onError);
            shard.read(question::apply, answer);
            answers.add(answer.future);
        }
        return answers;
    }

    private Collection<Shard<GroupMachine, GroupInput, GroupFact, Response>> led() {
        return shards.values().stream()
                .filter(shard -> shard.state() != Shard.State.INACTIVE)
                .toList();
    }

    private static final class Answer<T extends Response> implements Caller<Response> {
        private final CompletableFuture<T> future = new CompletableFuture<>();
        private final Class<T> type;
        private final Function<ErrorCode, T> onError;

        Answer(Class<T> type, Function<ErrorCode, T> onError) {
            this.type = type;
            this.onError = onError;
        }

        @Override
        public void reply(Response reply) {
            future.complete(type.cast(reply));
        }

        /// A group that does not fit into the log is nothing that a client has a code for.
        @Override
        public void fail(ErrorCode error) {
            boolean tooLarge = error == ErrorCode.MESSAGE_TOO_LARGE || error == ErrorCode.RECORD_LIST_TOO_LARGE;
            ErrorCode told = switch (error) {
                case REQUEST_TIMED_OUT -> ErrorCode.COORDINATOR_NOT_AVAILABLE;
                default -> tooLarge ? ErrorCode.UNKNOWN_SERVER_ERROR : error;
            };
            future.complete(onError.apply(told));
        }
    }
}
