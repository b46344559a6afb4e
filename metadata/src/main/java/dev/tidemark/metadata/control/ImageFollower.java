package dev.tidemark.metadata.control;

import dev.tidemark.base.Bytes;
import dev.tidemark.base.TopicPartition;
import dev.tidemark.metadata.image.ClusterImage;
import dev.tidemark.metadata.image.ConfigResource;
import dev.tidemark.metadata.image.MetadataChange;
import dev.tidemark.metadata.image.MetadataDelta;
import dev.tidemark.metadata.image.PartitionRegistration;
import dev.tidemark.metadata.image.TopicImage;
import dev.tidemark.metadata.json.Parsed;
import dev.tidemark.metadata.json.PartitionStateJson;
import dev.tidemark.metadata.json.Znodes;
import dev.tidemark.metadata.store.MetadataStore;
import dev.tidemark.metadata.store.StoreEvent;
import dev.tidemark.metadata.store.StoreOp;
import dev.tidemark.metadata.store.StoredNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Keeps the image equal to the store: reads all of it, then whatever a watch event says was changed, one round of
/// reads after the other.
///
/// The replies of a client come in the order of its requests. So a read whose reply is being handled has seen all our
/// own writes that were answered before it, and each stage below works on the image as it is when the reply comes.
///
/// Owner: the control plane's serial.
final class ImageFollower {
    private static final List<String> WATCHED = List.of(
            Znodes.BROKER_IDS,
            Znodes.TOPICS,
            Znodes.CONTROLLER,
            Znodes.CONTROLLER_EPOCH,
            Znodes.CONFIG,
            Znodes.DELETE_TOPICS,
            Znodes.FEATURE);

    private final MetadataStore store;
    private final Turns turns;
    private final BiConsumer<MetadataDelta, Boolean> apply;
    private final OwnWrites ownWrites;
    private final Runnable strayed;
    private Dirt dirt = new Dirt();
    private boolean loaded;
    private boolean reading;

    /// Rises with each whole reload: what an older one still reads is of no use.
    private int generation;

    /// The version of `/brokers/seqid`, which every registration writes, up to which the image has all of them.
    private int registrations = StoreOp.ANY_VERSION;

    private final List<Runnable> whenClean = new ArrayList<>();
    private ClusterImage image = ClusterImage.EMPTY;

    /// @param apply takes what the store says has changed, and whether it is the outcome of a whole reload
    /// @param strayed hears that the store does not hold this cluster any more: nothing is read
    ///     before the next reload
    ImageFollower(
            MetadataStore store,
            Turns turns,
            OwnWrites ownWrites,
            BiConsumer<MetadataDelta, Boolean> apply,
            Runnable strayed) {
        this.store = store;
        this.turns = turns;
        this.ownWrites = ownWrites;
        this.apply = apply;
        this.strayed = strayed;
    }

    /// The image after everything that was applied.
    void image(ClusterImage now) {
        image = now;
    }

    /// The version of `/brokers/seqid` up to which the image knows all registrations.
    int registrations() {
        return registrations;
    }

    CompletableFuture<Void> watch() {
        CompletableFuture<?>[] watches = WATCHED.stream()
                .map(path -> store.watchTree(path, event -> turns.run(() -> onEvent(event))))
                .toArray(CompletableFuture<?>[]::new);
        return CompletableFuture.allOf(watches);
    }

    /// This broker is the controller now: nobody else writes topics, and to be told of every one of its own writes
    /// would cost it more than the writes themselves.
    void lead() {
        var _ = store.unwatchTree(Znodes.TOPICS);
    }

    /// Somebody else may be the controller: follows the topics again, and reads what may have changed meanwhile.
    void follow() {
        var _ = store.watchTree(Znodes.TOPICS, event -> turns.run(() -> onEvent(event)));
        if (loaded) reload();
    }

    private void onEvent(StoreEvent event) {
        if (ownWrites.claims(event.path())) return;
        dirt.note(event);
        readDirt();
    }

    /// Marks paths as changed whose events may have been missed.
    void noteChanged(List<StoreEvent> events) {
        events.forEach(dirt::note);
        readDirt();
    }

    /// Runs `then` once the image has everything that was changed up to now.
    void whenClean(Runnable then) {
        whenClean.add(then);
        readDirt();
    }

    /// Reads nothing before the next reload: what is under way will not be answered, or is not this cluster's.
    void suspend() {
        generation++;
        reading = false;
        loaded = false;
    }

    /// Reads everything. Ends in a call of `apply`, also where nothing has changed, unless the connection is lost or
    /// the store strayed.
    void reload() {
        int mine = ++generation;
        loaded = false;
        reading = true;
        List<CompletableFuture<Optional<List<String>>>> lists = new ArrayList<>();
        lists.add(store.children(Znodes.BROKER_IDS));
        lists.add(store.children(Znodes.TOPICS));
        lists.add(store.children(Znodes.DELETE_TOPICS));
        for (ConfigResource.Type type : ConfigResource.Type.values())
            lists.add(store.children(Znodes.configRoot(type)));
        turns.onReply(CompletableFuture.allOf(lists.toArray(CompletableFuture<?>[]::new)), _ -> {
            if (mine != generation) return;
            List<List<String>> names =
                    lists.stream().map(f -> f.join().orElse(List.of())).toList();
            noteAll(names);
            loaded = true;
            readRound(true);
        });
    }

    private void noteAll(List<List<String>> names) {
        dirt.noteAllOf(image);
        names.get(0).forEach(name -> Znodes.nodeNumber(name).ifPresent(dirt.brokers::add));
        dirt.wholeTopics.addAll(names.get(1));
        dirt.deletions.addAll(names.get(2));
        int next = 3;
        for (ConfigResource.Type type : ConfigResource.Type.values()) {
            for (String name : names.get(next))
                Znodes.configResource(type, name).ifPresent(dirt.configs::add);
            next++;
        }
    }

    private void readDirt() {
        if (!loaded || reading) return;
        if (!dirt.isEmpty()) {
            reading = true;
            readRound(false);
            return;
        }
        List<Runnable> waiting = List.copyOf(whenClean);
        whenClean.clear();
        waiting.forEach(Runnable::run);
    }

    private void readRound(boolean whole) {
        Dirt taken = dirt;
        dirt = new Dirt();
        int mine = generation;
        ReadPlan plan = new ReadPlan(taken);
        turns.onReply(store.getAll(plan.paths()), nodes -> {
            if (mine != generation) return;
            if (plan.isOfAnotherCluster(image, nodes)) {
                suspend();
                strayed.run();
            } else onRead(new Round(plan, nodes), whole);
        });
    }

    /// What one round of reads has brought.
    private static final class Round {
        private final ReadPlan plan;
        private boolean knowsRegistrations;
        private final List<Optional<StoredNode>> nodes;
        private final List<MetadataChange> changes = new ArrayList<>();
        private final List<PendingTopic> pending = new ArrayList<>();
        private final List<String> statePaths = new ArrayList<>();

        Round(ReadPlan plan, List<Optional<StoredNode>> nodes) {
            this.plan = plan;
            this.nodes = nodes;
        }
    }

    /// A topic whose partitions' states are being read, from partition `firstRead` on.
    private record PendingTopic(
            ImageReader.Assigned assigned, @Nullable TopicImage known, int firstRead, int at) {}

    private void onRead(Round round, boolean whole) {
        round.plan.interpret(
                image, round.nodes, dirt.wholeTopics, round.changes::add, assigned -> plan(round, assigned));
        // The event of a registration comes before the sequence that counts it: none is to be read still.
        round.knowsRegistrations = round.plan.registrations() >= 0 && dirt.brokers.isEmpty();
        if (round.statePaths.isEmpty()) {
            onStates(round, List.of(), whole);
            return;
        }
        int mine = generation;
        if (!whole) applyNow(round); // Before a write of our own can make it old.
        if (mine != generation) return; // What was applied has led to a whole reload.
        turns.onReply(store.getAll(round.statePaths), states -> {
            if (mine == generation) onStates(round, states, whole);
        });
    }

    private void applyNow(Round round) {
        MetadataDelta known = new MetadataDelta(List.copyOf(round.changes));
        round.changes.clear();
        knowRegistrations(round);
        if (!known.isEmpty()) apply.accept(known, false);
    }

    private void knowRegistrations(Round round) {
        if (round.knowsRegistrations) registrations = round.plan.registrations();
    }

    private void plan(Round round, ImageReader.Assigned assigned) {
        TopicImage known = image.topics().byName().get(assigned.topic());
        boolean same =
                known != null && known.id().equals(assigned.assignment().id().orElseThrow());
        boolean all = !same || round.plan.isWhole(assigned.topic());
        int first = all || known == null ? 0 : known.partitionCount();
        round.pending.add(new PendingTopic(assigned, known, first, round.statePaths.size()));
        for (int p = first; p < assigned.assignment().partitions().size(); p++) {
            round.statePaths.add(Znodes.partitionState(assigned.topic(), p));
        }
    }

    private void onStates(Round round, List<Optional<StoredNode>> states, boolean whole) {
        // States that were read beside a topic's znode are older than its other replicas, but newer than the image.
        ClusterImage read = image;
        if (!round.pending.isEmpty()) for (MetadataChange change : round.changes) read = read.with(change);
        for (PendingTopic topic : round.pending) {
            if (dirt.wholeTopics.contains(topic.assigned().topic())) continue; // They may be of one made anew.
            if (!isSameAssignment(image.topics().byName().get(topic.assigned().topic()), topic.known())) {
                dirt.wholeTopics.add(topic.assigned().topic()); // A write of our own came in between.
                continue;
            }
            TopicImage known = read.topics().byName().get(topic.assigned().topic());
            int count = Math.max(0, topic.assigned().assignment().partitions().size() - topic.firstRead());
            TopicImage base = known != null
                            && known.id()
                                    .equals(topic.assigned().assignment().id().orElseThrow())
                    ? known
                    : null;
            TopicImage now = ImageReader.assemble(
                    topic.assigned(), base, topic.firstRead(), states.subList(topic.at(), topic.at() + count));
            ImageReader.difference(known, now, round.changes::add);
        }
        reading = false;
        MetadataDelta delta = new MetadataDelta(List.copyOf(round.changes));
        knowRegistrations(round);
        if (whole || !delta.isEmpty()) apply.accept(delta, whole);
        readDirt();
    }

    private static boolean isSameAssignment(@Nullable TopicImage a, @Nullable TopicImage b) {
        if (a == null || b == null) return a == null && b == null;
        return a.id().equals(b.id()) && a.assignmentVersion() == b.assignmentVersion();
    }

    /// A partition's state as it was read by itself.
    ///
    /// @param parsed remembers what was parsed already: after a failover thousands of states are the same few
    static void partition(
            ClusterImage image,
            TopicPartition id,
            Optional<StoredNode> node,
            Map<Bytes, Parsed<PartitionStateJson.State>> parsed,
            Consumer<MetadataChange> to) {
        TopicImage topic = image.topics().byName().get(id.topic());
        if (topic == null) return;
        PartitionRegistration known = topic.partition(id.partition()).orElse(null);
        if (known == null) return;
        PartitionRegistration now = ImageReader.state(id, known, node, parsed);
        if (!now.equals(known)) to.accept(new MetadataChange.PartitionChanged(id, topic.id(), now));
    }
}
