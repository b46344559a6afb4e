package dev.tidemark.metadata.control;

import dev.tidemark.metadata.controller.Controller;
import dev.tidemark.metadata.controller.ControllerInput;
import dev.tidemark.metadata.controller.ControllerReply;
import dev.tidemark.metadata.controller.Decision;
import dev.tidemark.metadata.controller.Facts;
import dev.tidemark.metadata.controller.ZnodeWrites;
import dev.tidemark.metadata.image.ClusterImage;
import dev.tidemark.metadata.image.MetadataChange;
import dev.tidemark.metadata.image.MetadataDelta;
import dev.tidemark.metadata.json.Znodes;
import dev.tidemark.metadata.store.MetadataStore;
import dev.tidemark.metadata.store.StoreOp;
import dev.tidemark.metadata.store.WriteResult;
import dev.tidemark.protocol.ErrorCode;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Runs the controller's decisions while this broker is the controller: decides on everything that waits, writes all of
/// it in as few multis as hold it, and answers once it is written. While a batch is being written the next one gathers.
///
/// A write that is refused, or not answered, is settled by looking: the image is read anew; a decision whose facts
/// are all there is answered as it was made, another one is made again.
///
/// Owner: the control plane's serial.
final class ControllerRun {
    private static final Logger LOG = LoggerFactory.getLogger(ControllerRun.class);
    private static final int WAITING_MAX = 10_000;
    private static final int FACTS_PER_BATCH_MAX = 100_000;
    private static final int ATTEMPTS_MAX = 5;

    /// What the control plane does for the run.
    interface Host {
        ClusterImage image();

        /// The version of `/brokers/seqid` up to which the image knows all registrations.
        int registrations();

        void applyOwn(MetadataDelta delta);

        /// Reads the whole image anew; [ControllerRun#onReloaded] follows.
        void reload();

        void start(Decision.Effect effect);

        /// Nothing waits and nothing is under way.
        void onIdle();

        /// Another broker has become the controller.
        void deposed();
    }

    private static final class Work {
        final ControllerInput input;
        final CompletableFuture<ControllerReply> future;
        int attempts;

        @Nullable
        Decision decision;

        String trouble = "";

        Work(ControllerInput input, CompletableFuture<ControllerReply> future) {
            this.input = input;
            this.future = future;
        }
    }

    private final Controller controller;
    private final MetadataStore store;
    private final Turns turns;
    private final OwnWrites ownWrites;
    private final Host host;
    private final Deque<Work> waiting = new ArrayDeque<>();

    /// Partition folders that are there though no state is in them: not to be made again.
    private final Set<String> madeAlready = new HashSet<>();

    private @Nullable Batch batch;
    private boolean active;
    private boolean unsettled;
    private int epoch;
    private int epochVersion;

    ControllerRun(Controller controller, MetadataStore store, Turns turns, OwnWrites ownWrites, Host host) {
        this.controller = controller;
        this.store = store;
        this.turns = turns;
        this.ownWrites = ownWrites;
        this.host = host;
    }

    /// The works whose facts are being written together.
    private static final class Batch {
        final List<Work> works = new ArrayList<>();
        final List<MetadataChange> facts = new ArrayList<>();
        final List<List<StoreOp>> multis = new ArrayList<>();
        int unanswered;
        boolean failed;
        boolean fenced;
    }

    boolean isActive() {
        return active;
    }

    boolean isIdle() {
        return batch == null && !unsettled && waiting.isEmpty();
    }

    int epochVersion() {
        return epochVersion;
    }

    void activate(int controllerEpoch, int controllerEpochVersion) {
        active = true;
        epoch = controllerEpoch;
        epochVersion = controllerEpochVersion;
    }

    /// Not the controller any more: what waits goes back to those who asked, and what is under way counts for nothing.
    void deactivate() {
        active = false;
        unsettled = false;
        if (batch != null) batch.works.forEach(ControllerRun::notController);
        batch = null;
        waiting.forEach(ControllerRun::notController);
        waiting.clear();
    }

    void submit(ControllerInput input, CompletableFuture<ControllerReply> future) {
        Work work = new Work(input, future);
        if (!active) notController(work);
        else if (waiting.size() >= WAITING_MAX) {
            future.completeExceptionally(
                    new RefusedException(ErrorCode.REQUEST_TIMED_OUT, "too many requests wait for the controller"));
        } else {
            waiting.add(work);
            next();
        }
    }

    private static void notController(Work work) {
        work.future.completeExceptionally(
                new RefusedException(ErrorCode.NOT_CONTROLLER, "this broker is not the controller"));
    }

    private void next() {
        if (!active || batch != null || unsettled) return;
        if (waiting.isEmpty()) {
            host.onIdle();
            return;
        }
        Batch made = new Batch();
        batch = made;
        Packer packer = new Packer(made.multis, checks());
        ClusterImage image = host.image();
        while (!waiting.isEmpty() && made.facts.size() < FACTS_PER_BATCH_MAX) {
            // What was refused before goes alone: it must not take others down with it.
            boolean alone = waiting.element().attempts > 1;
            if (alone && !made.works.isEmpty()) break;
            Work work = waiting.remove();
            made.works.add(work);
            Decision decision = controller.decide(image, work.input, work.attempts > 0);
            work.decision = decision;
            for (MetadataChange fact : decision.facts()) {
                ZnodeWrites.of(image, fact, epoch).forEach(unit -> packer.add(without(madeAlready, unit.ops())));
                image = image.with(fact);
                made.facts.add(fact);
            }
            if (alone) break;
        }
        packer.finish();
        send(made);
    }

    /// This is the controller still, and knows every incarnation of every broker: what is decided for a
    /// process must not be given to the next one, which may have lost what its ISRs say it has.
    private List<StoreOp> checks() {
        return List.of(
                StoreOp.check(Znodes.CONTROLLER_EPOCH, epochVersion),
                StoreOp.check(Znodes.BROKER_SEQUENCE, host.registrations()));
    }

    private static List<StoreOp> without(Set<String> made, List<StoreOp> ops) {
        if (made.isEmpty()) return ops;
        return ops.stream()
                .filter(op -> !isFolder(op) || !made.contains(op.path()))
                .toList();
    }

    private static boolean isFolder(StoreOp op) {
        return op instanceof StoreOp.Create create && create.data().isEmpty();
    }

    private void send(Batch sent) {
        sent.unanswered = sent.multis.size();
        if (sent.unanswered == 0) {
            finish(sent);
            return;
        }
        for (List<StoreOp> ops : sent.multis) ownWrites.sent(ops);
        for (List<StoreOp> ops : sent.multis) {
            turns.onReply(store.multi(ops), result -> onResult(sent, ops, result), silence -> {
                sent.works.forEach(work -> work.trouble = String.valueOf(silence.getMessage()));
                onFailed(sent, ops);
            });
        }
    }

    private void onResult(Batch sent, List<StoreOp> ops, WriteResult result) {
        switch (result) {
            case WriteResult.Done _ -> {
                ownWrites.done(ops);
                answered(sent);
            }
            case WriteResult.Refused(var index, var path, var reason) -> {
                boolean fence = index == 0 && path.equals(Znodes.CONTROLLER_EPOCH);
                if (fence) sent.fenced = true;
                if (reason == WriteResult.Reason.NODE_EXISTS && isFolder(ops.get(index))) madeAlready.add(path);
                sent.works.forEach(work -> work.trouble = reason + " at znode " + path);
                onFailed(sent, ops);
            }
        }
    }

    private void onFailed(Batch sent, List<StoreOp> ops) {
        sent.failed = true;
        ownWrites.undone(ops); // Everything is read anew anyway.
        answered(sent);
    }

    private void answered(Batch sent) {
        sent.unanswered--;
        if (sent.unanswered > 0 || sent != batch) return;
        if (sent.fenced) {
            LOG.warn("The metadata store refused a write: a newer controller than epoch {} is there", epoch);
            host.deposed();
        } else if (sent.failed) {
            unsettled = true;
            host.reload();
        } else {
            finish(sent);
        }
    }

    private void finish(Batch done) {
        batch = null;
        madeAlready.clear();
        if (!done.facts.isEmpty()) host.applyOwn(new MetadataDelta(List.copyOf(done.facts)));
        done.works.forEach(this::answer);
        next();
    }

    private void answer(Work work) {
        Decision decision = work.decision;
        if (decision == null) return;
        decision.effects().forEach(host::start);
        work.future.complete(decision.reply());
    }

    /// The image is as the store has it, and this broker is still the controller.
    void onReloaded() {
        if (!active || (batch != null && batch.unanswered > 0)) return;
        unsettled = false;
        Batch open = batch;
        batch = null;
        if (open != null) {
            List<Work> again = new ArrayList<>();
            for (Work work : open.works) if (!settle(work)) again.add(work);
            for (Work work : again.reversed()) waiting.addFirst(work);
        }
        next();
    }

    /// Whether the work needs no further decision.
    private boolean settle(Work work) {
        Decision decision = work.decision;
        if (decision != null && !decision.facts().isEmpty() && Facts.allHoldIn(host.image(), decision.facts())) {
            answer(work);
            return true;
        }
        work.attempts++;
        if (work.attempts < ATTEMPTS_MAX) return false;
        LOG.error("Gave up a metadata change after {} attempts: {}", work.attempts, work.trouble);
        work.future.completeExceptionally(new RefusedException(
                ErrorCode.UNKNOWN_SERVER_ERROR, "the metadata store refused the change: " + work.trouble));
        return true;
    }
}
