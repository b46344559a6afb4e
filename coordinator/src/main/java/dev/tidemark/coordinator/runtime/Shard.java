package dev.tidemark.coordinator.runtime;

import dev.tidemark.base.time.Loop;
import dev.tidemark.protocol.ErrorCode;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One partition of an internal topic as a coordinator sees it: inactive, loading, active or failed. Life cycle: made
/// once, goes through one [Tenure] for each time that this broker leads the partition.
///
/// A shard that is loaded decides at once, on all that its log has. What it says waits until the high watermark has
/// passed the log's end as it was then: until then another leader might come that does not know all of it.
///
/// Callable from any thread. Changes of leadership are rare and take turns under a lock; inputs only read who is in
/// office.
public final class Shard<M extends Machine<I, F, R>, I, F, R> {
    private static final Logger LOG = LoggerFactory.getLogger(Shard.class);
    private static final long RELOAD_BACKOFF_MAX_MS = 60_000;

    public enum State {
        /// Not led here.
        INACTIVE,
        /// The log is read.
        LOADING,
        ACTIVE,
        /// The log could not be read, or a bug stopped the shard: it is loaded again after a pause.
        FAILED
    }

    /// Who is in office. `tenure` is there when active.
    private static final class Office<M extends Machine<I, F, R>, I, F, R> {
        private final State state;
        private final int leaderEpoch;
        private final @Nullable CoordinatorLog log;
        private final @Nullable Tenure<M, I, F, R> tenure;

        Office(State state, int leaderEpoch, @Nullable CoordinatorLog log, @Nullable Tenure<M, I, F, R> tenure) {
            this.state = state;
            this.leaderEpoch = leaderEpoch;
            this.log = log;
            this.tenure = tenure;
        }
    }

    private final String name;
    private final ShardConfig config;
    private final Loop loop;
    private final Executor background;
    private final Supplier<M> machines;
    private final Outbox outbox;
    private volatile Office<M, I, F, R> office = new Office<>(State.INACTIVE, -1, null, null);
    private long reloadBackoffMs;

    /// @param name for log lines, e.g. `__consumer_offsets-3`
    /// @param loop where timers fire and long stretches of work are handed to
    /// @param background works off [Effect.Compute]
    /// @param machines makes an empty machine for each load
    public Shard(String name, ShardConfig config, Loop loop, Executor background, Supplier<M> machines) {
        this(name, config, loop, background, machines, Outbox.NONE);
    }

    /// @param outbox for machines that have to tell others something
    public Shard(String name, ShardConfig config, Loop loop, Executor background, Supplier<M> machines, Outbox outbox) {
        this.name = name;
        this.config = config;
        this.loop = loop;
        this.background = background;
        this.machines = machines;
        this.outbox = outbox;
        this.reloadBackoffMs = config.reloadBackoffMs();
    }

    public State state() {
        return office.state;
    }

    /// This broker leads the partition from `leaderEpoch` on: reads the log, then serves. An epoch that is not newer
    /// than the known one is ignored.
    public synchronized void onElected(int leaderEpoch, CoordinatorLog log) {
        if (leaderEpoch <= office.leaderEpoch) return;
        retire(ErrorCode.NOT_COORDINATOR);
        reloadBackoffMs = config.reloadBackoffMs();
        load(leaderEpoch, log);
    }

    /// This broker does not lead the partition from `leaderEpoch` on: whoever waits is told
    /// NOT_COORDINATOR.
    public synchronized void onResigned(int leaderEpoch) {
        if (leaderEpoch < office.leaderEpoch) return;
        retire(ErrorCode.NOT_COORDINATOR);
        office = new Office<>(State.INACTIVE, leaderEpoch, null, null);
    }

    /// Gives an input to the machine of `key`; the caller hears either way.
    public void submit(String key, I input, Caller<R> caller) {
        Tenure<M, I, F, R> tenure = tenureIfLed();
        if (tenure == null) caller.fail(whyNot());
        else tenure.submit(key, input, caller);
    }

    /// What needs no append would be answered also by a broker whose place another one has taken.
    private @Nullable Tenure<M, I, F, R> tenureIfLed() {
        Office<M, I, F, R> now = office;
        return now.log == null || now.log.isLed() ? now.tenure : null;
    }

    /// Tells the machine of now something that is not for its log: soft state, which ends with the leadership. It
    /// comes before every input, and every end of a transaction, that is given afterwards.
    public void tell(Consumer<? super M> news) {
        Tenure<M, I, F, R> tenure = office.tenure;
        if (tenure != null) tenure.tell(news);
    }

    /// Asks the whole machine; the reply waits until everything that it may tell of is committed.
    public void read(Function<? super M, R> question, Caller<R> caller) {
        Tenure<M, I, F, R> tenure = tenureIfLed();
        if (tenure == null) caller.fail(whyNot());
        else tenure.read(question, caller);
    }

    /// Writes the end of a transaction; the caller gets `reply` when that is committed.
    public void endTransaction(EndMarker marker, R reply, Caller<R> caller) {
        Tenure<M, I, F, R> tenure = office.tenure;
        if (tenure == null) caller.fail(whyNot());
        else tenure.endTransaction(marker, reply, caller);
    }

    /// Whether this broker leads the partition in that epoch, as far as it knows.
    public boolean isLedIn(int leaderEpoch) {
        Office<M, I, F, R> now = office;
        return now.state != State.INACTIVE && now.leaderEpoch == leaderEpoch;
    }

    /// Gives `input` to every key, if the shard is active.
    public void sweep(I input) {
        Tenure<M, I, F, R> tenure = office.tenure;
        if (tenure != null) tenure.sweep(input);
    }

    private ErrorCode whyNot() {
        return switch (office.state) {
            case LOADING -> ErrorCode.COORDINATOR_LOAD_IN_PROGRESS;
            case FAILED -> ErrorCode.COORDINATOR_NOT_AVAILABLE;
            case INACTIVE, ACTIVE -> ErrorCode.NOT_COORDINATOR;
        };
    }

    private void retire(ErrorCode error) {
        Tenure<M, I, F, R> tenure = office.tenure;
        if (tenure != null) tenure.close(error);
    }

    private void load(int leaderEpoch, CoordinatorLog log) {
        Office<M, I, F, R> loading = new Office<>(State.LOADING, leaderEpoch, log, null);
        office = loading;
        log.replay(new Loading(loading, machines.get()));
    }

    /// Null if somebody else is in office by now.
    private synchronized @Nullable Tenure<M, I, F, R> activate(
            Office<M, I, F, R> loading, M machine, CoordinatorLog log) {
        if (office != loading) return null;
        int epoch = loading.leaderEpoch;
        Tenure<M, I, F, R> tenure = new Tenure<>(
                name,
                machine,
                log,
                config,
                loop,
                background,
                posted -> outbox.send(epoch, posted.key(), posted.message()),
                bug -> onFailed(epoch, log));
        LOG.debug("{}: loaded {} keys at leader epoch {}", name, machine.keys().size(), epoch);
        office = new Office<>(State.ACTIVE, epoch, log, tenure);
        tenure.start();
        return tenure;
    }

    private synchronized void onFailed(int leaderEpoch, CoordinatorLog log) {
        if (office.leaderEpoch != leaderEpoch || office.state == State.INACTIVE) return;
        Office<M, I, F, R> failed = new Office<>(State.FAILED, leaderEpoch, log, null);
        office = failed;
        long pauseMs = reloadBackoffMs;
        reloadBackoffMs = Math.min(RELOAD_BACKOFF_MAX_MS, 2 * reloadBackoffMs);
        loop.runAfter(pauseMs, () -> reload(failed, log));
    }

    private synchronized void reload(Office<M, I, F, R> failed, CoordinatorLog log) {
        if (office == failed) load(failed.leaderEpoch, log);
    }

    /// Fills a machine that nobody else knows yet.
    private final class Loading implements CoordinatorLog.ReplayListener {
        private final Office<M, I, F, R> loading;
        private final M machine;
        private volatile @Nullable Tenure<M, I, F, R> tenure;

        Loading(Office<M, I, F, R> loading, M machine) {
            this.loading = loading;
            this.machine = machine;
        }

        @Override
        public boolean onBatch(LogBatch batch) {
            if (office != loading) return false;
            try {
                for (LogRecord record : batch.records()) machine.replay(batch, record);
                return true;
            } catch (RuntimeException bug) {
                LOG.error("{}: cannot load", name, bug);
                failed();
                return false;
            }
        }

        @Override
        public boolean onMarker(long producerId, boolean commit) {
            if (office != loading) return false;
            machine.endTransaction(producerId, commit);
            return true;
        }

        @Override
        public void onEnd() {
            CoordinatorLog log = loading.log;
            if (log != null) tenure = activate(loading, machine, log);
        }

        @Override
        public void onCommitted() {
            Tenure<M, I, F, R> loaded = tenure;
            if (loaded != null) loaded.onLoadCommitted();
        }

        @Override
        public void onFailed(ErrorCode error) {
            LOG.warn("{}: the log cannot be read: {}", name, error);
            failed();
        }

        private void failed() {
            CoordinatorLog log = loading.log;
            if (log != null && office == loading) Shard.this.onFailed(loading.leaderEpoch, log);
        }
    }
}
