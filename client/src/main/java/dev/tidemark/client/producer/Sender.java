package dev.tidemark.client.producer;

import dev.tidemark.base.TopicPartition;
import dev.tidemark.base.serial.Serial;
import dev.tidemark.base.time.Loop;
import dev.tidemark.client.BrokerErrorException;
import dev.tidemark.client.ClientException;
import dev.tidemark.client.ClosedException;
import dev.tidemark.client.Node;
import dev.tidemark.client.TimedOutException;
import dev.tidemark.client.cluster.Await;
import dev.tidemark.client.cluster.Backoff;
import dev.tidemark.client.cluster.ClusterClient;
import dev.tidemark.client.cluster.ClusterMetadata;
import dev.tidemark.client.network.Transport.Lane;
import dev.tidemark.protocol.ErrorCode;
import dev.tidemark.protocol.message.ProduceResponse;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/// The producer's inside: puts records into batches and brings batches to their leaders.
///
/// Owner: its serial, in which every method runs but [#execute]. Timers and answers come back into the serial. Futures
/// are completed on the loop, after the state has changed, so that what hangs on them never runs inside.
final class Sender {
    private static final int SWEEP_MS = 500;

    private final ProducerConfig config;
    private final ClusterClient cluster;
    private final Loop loop;
    private final Partitioner partitioner;
    private final Semaphore memory;
    private final Backoff backoff;
    private final Serial serial;

    private final Map<TopicPartition, PartitionQueue> queues = new HashMap<>();
    private final Set<PartitionQueue> sendable = new LinkedHashSet<>();
    private final Map<Integer, Integer> inFlightByNode = new HashMap<>();
    private final Set<Batch> unfinished = new LinkedHashSet<>();
    private final TopicWaiters topics;
    private final SenderIdentity identity;
    private boolean isSweeping;
    private boolean isClosed;
    private int inFlightRequests;

    Sender(ProducerConfig config, ClusterClient cluster, Loop loop, Partitioner partitioner, Semaphore memory) {
        this.config = config;
        this.cluster = cluster;
        this.loop = loop;
        this.partitioner = partitioner;
        this.memory = memory;
        this.backoff = Backoff.of(config.client());
        this.topics = new TopicWaiters(config, cluster, loop, backoff, this);
        this.identity = new SenderIdentity(cluster, this);
        this.serial = new Serial(loop, failure -> loop.run(() -> failEverything(failure)));
    }

    /// Runs `task` in the sender's turn.
    void execute(Runnable task) {
        serial.execute(task);
    }

    private long nowMs() {
        return loop.clock().monotonicMs();
    }

    // Records come in.

    void append(Batch.Sent sent) {
        String topic = sent.record().topic();
        if (isClosed) {
            fail(sent, new ClosedException("the producer is closed"));
            return;
        }
        ClusterMetadata.Topic known = cluster.metadata().topic(topic);
        topics.use(topic);
        if (known == null
                || known.error() != ErrorCode.NONE
                || known.partitions().isEmpty()) {
            topics.add(sent);
            sweepLater();
            return;
        }
        append(sent, known);
        topics.refreshIfOld(nowMs());
    }

    void append(Batch.Sent sent, ClusterMetadata.Topic topic) {
        ProducerRecord record = sent.record();
        int count = topic.partitions().size();
        Integer chosen = record.partition();
        int index = chosen != null ? chosen : partitioner.partition(record, count);
        if (index < 0 || index >= count) {
            String message = "topic " + topic.name() + " has " + count + " partitions, no partition " + index;
            fail(sent, new BrokerErrorException(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, message));
            return;
        }
        PartitionQueue queue = queues.computeIfAbsent(new TopicPartition(topic.name(), index), PartitionQueue::new);
        Batch open = queue.open();
        if (open != null && !open.fits(record, config.batchBytesMax())) {
            closeOpen(queue);
            open = null;
        }
        if (open == null) open = openBatch(queue);
        open.add(sent);
        if (open.reservedBytes() >= config.batchBytesMax()) closeOpen(queue);
        if (queue.hasSomethingToSend() && !isLeaderBusy(queue)) drain();
    }

    /// Whether nothing can go to its leader before an answer comes, which drains: to look at all queues for each record
    /// meanwhile would cost more than all the rest.
    private boolean isLeaderBusy(PartitionQueue queue) {
        Node leader = cluster.metadata().leader(queue.partition);
        return leader != null && inFlightByNode.getOrDefault(leader.id(), 0) >= config.inFlightMax();
    }

    private Batch openBatch(PartitionQueue queue) {
        Batch batch = new Batch(queue.partition, config.compression(), nowMs());
        queue.open(batch);
        unfinished.add(batch);
        sweepLater();
        if (config.lingerMs() == 0) {
            queue.openIsDue(batch);
            sendable.add(queue);
            // After the records that are on their way into the serial now.
            loop.run(() -> execute(this::drain));
        } else {
            loop.runAfter(config.lingerMs(), () -> execute(() -> lingered(queue, batch)));
        }
        return batch;
    }

    private void lingered(PartitionQueue queue, Batch batch) {
        queue.openIsDue(batch);
        if (!queue.hasSomethingToSend()) return;
        sendable.add(queue);
        drain();
    }

    private void closeOpen(PartitionQueue queue) {
        queue.closeOpen();
        partitioner.onBatchClosed(queue.partition.topic());
        sendable.add(queue);
    }

    // Batches go out.

    /// Sends what may go now. A queue that has nothing left to send leaves the set of sendable ones.
    void drain() {
        if (sendable.isEmpty() || !mayNumber()) return;
        ClusterMetadata metadata = cluster.metadata();
        Map<Node, List<Batch>> requests = new LinkedHashMap<>();
        Map<Node, Integer> bytes = new HashMap<>();
        List<PartitionQueue> seen = List.copyOf(sendable);
        long nowMs = nowMs();
        for (PartitionQueue queue : seen) {
            Node leader = metadata.leader(queue.partition);
            if (leader == null) {
                topics.refresh();
                continue;
            }
            int open = inFlightByNode.getOrDefault(leader.id(), 0) + (requests.containsKey(leader) ? 1 : 0);
            boolean isFull = bytes.getOrDefault(leader, 0) >= config.requestBytesMax();
            if (isFull || (open >= config.inFlightMax() && !requests.containsKey(leader))) continue;
            Batch batch = queue.takeNext(nowMs, config.isIdempotent());
            if (!queue.hasSomethingToSend()) sendable.remove(queue);
            if (batch == null) continue;
            requests.computeIfAbsent(leader, node -> new ArrayList<>()).add(batch);
            bytes.merge(leader, batch.sizeInBytes(), Integer::sum);
        }
        requests.forEach((leader, batches) -> send(leader, batches, metadata));
        if (!requests.isEmpty() && !sendable.isEmpty()) drain();
    }

    /// Whether batches can be numbered: not before the producer has an identity, and not while it is changed.
    private boolean mayNumber() {
        if (!config.isIdempotent()) return true;
        if (identity.isResetWanted()) {
            if (inFlightRequests > 0) return false;
            identity.reset();
            queues.values().forEach(PartitionQueue::resetSequences);
        }
        return identity.isKnown();
    }

    /// Nobody gave the producer an identity.
    void onNoIdentity(ClientException failure) {
        if (failure.isRetriable()) {
            loop.runAfter(backoff.delayMs(3), () -> execute(this::drain));
            return;
        }
        for (PartitionQueue queue : queues.values())
            for (Batch batch : queue.removeIf(batch -> true)) finish(batch, index -> failure);
    }

    private void send(Node leader, List<Batch> batches, ClusterMetadata metadata) {
        ProducerIdentity as = identity.get();
        if (config.isIdempotent()) for (Batch batch : batches) batch.stamp(as.id(), as.epoch());
        inFlightByNode.merge(leader.id(), 1, Integer::sum);
        inFlightRequests++;
        Await.whenDone(
                cluster.send(leader, Lane.MAIN, ProduceCalls.call(batches, metadata, config)),
                (response, failure) -> execute(() -> {
                    inFlightByNode.merge(leader.id(), -1, Integer::sum);
                    inFlightRequests--;
                    if (failure != null) onFailure(batches, Await.clientException(failure));
                    else onResponse(batches, response, metadata);
                    drain();
                }));
    }

    // Answers come back.

    /// @param response null with acks=0
    private void onResponse(List<Batch> batches, @Nullable ProduceResponse response, ClusterMetadata metadata) {
        if (response == null) {
            for (Batch batch : batches) succeed(batch, -1, -1);
            return;
        }
        Set<String> names = new HashSet<>();
        for (Batch batch : batches) names.add(batch.partition.topic());
        Map<TopicPartition, ProduceCalls.Answer> answers = ProduceCalls.answers(response, metadata, names);
        for (Batch batch : batches) {
            ProduceCalls.Answer answer = answers.get(batch.partition);
            onAnswer(
                    batch,
                    answer != null
                            ? answer
                            : ProduceCalls.Answer.failed(
                                    ErrorCode.UNKNOWN_SERVER_ERROR, "the answer does not mention the partition"));
        }
    }

    private void onFailure(List<Batch> batches, ClientException failure) {
        if (failure.isRetriable()) topics.refresh();
        for (Batch batch : batches) {
            if (failure.isRetriable()) retryOrFail(batch, failure);
            else settleWithFailure(batch, index -> failure);
        }
    }

    private void onAnswer(Batch batch, ProduceCalls.Answer answer) {
        switch (answer.error()) {
            case NONE, DUPLICATE_SEQUENCE_NUMBER -> succeed(batch, answer.baseOffset(), answer.logAppendTimeMs());
            case OUT_OF_ORDER_SEQUENCE_NUMBER, UNKNOWN_PRODUCER_ID -> onOutOfOrder(batch, answer);
            case INVALID_PRODUCER_EPOCH -> {
                identity.lose();
                onOutOfOrder(batch, answer);
            }
            case MESSAGE_TOO_LARGE, RECORD_LIST_TOO_LARGE -> onTooLarge(batch, answer);
            case NOT_LEADER_OR_FOLLOWER, FENCED_LEADER_EPOCH, UNKNOWN_LEADER_EPOCH -> onMoved(batch, answer);
            default -> {
                if (answer.error() == ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
                        || answer.error() == ErrorCode.UNKNOWN_TOPIC_ID
                        || answer.error() == ErrorCode.INCONSISTENT_TOPIC_ID
                        || answer.error() == ErrorCode.LEADER_NOT_AVAILABLE) topics.refresh();
                ClientException failure = answer.failure();
                if (answer.error().isRetriable()) retryOrFail(batch, failure);
                else settleWithFailure(batch, answer::failureOf);
            }
        }
    }

    private void onMoved(Batch batch, ProduceCalls.Answer answer) {
        boolean isKnown = answer.leaderId() >= 0
                && cluster.learnLeader(batch.partition, answer.leaderId(), answer.leaderEpoch(), answer.endpoints());
        if (!isKnown) topics.refresh();
        retryOrFail(batch, answer.failure(), isKnown ? 0 : backoff.delayMs(batch.attempts));
    }

    /// Where an earlier batch is still unsettled this is its consequence. Otherwise the broker has lost what it knew of
    /// the producer, or a batch is gone: a new epoch begins, and the batch goes again under it, once.
    private void onOutOfOrder(Batch batch, ProduceCalls.Answer answer) {
        if (queue(batch).hasUnsettledBefore(batch)) {
            retryOrFail(batch, answer.failure());
            return;
        }
        identity.wantReset();
        if (batch.isSequenceReset) settleWithFailure(batch, index -> answer.failure());
        else retryOrFail(batch, answer.failure());
    }

    /// A batch of several records goes again in two halves.
    private void onTooLarge(Batch batch, ProduceCalls.Answer answer) {
        if (batch.recordCount() == 1) {
            settleWithFailure(batch, index -> answer.failure());
            return;
        }
        List<Batch> halves = batch.halves(config.compression());
        PartitionQueue queue = queue(batch);
        queue.replace(batch, halves);
        sendable.add(queue);
        unfinished.remove(batch);
        unfinished.addAll(halves);
        CompletableFuture<?>[] done = halves.stream().map(half -> half.done).toArray(CompletableFuture[]::new);
        Await.whenDone(CompletableFuture.allOf(done), (_, _) -> batch.done.complete(null));
    }

    private void retryOrFail(Batch batch, ClientException failure) {
        retryOrFail(batch, failure, backoff.delayMs(batch.attempts));
    }

    private void retryOrFail(Batch batch, ClientException failure, long delayMs) {
        long nowMs = nowMs();
        if (isClosed || nowMs + delayMs - batch.createdMs >= config.deliveryTimeoutMs()) {
            String why = "not delivered within " + config.deliveryTimeoutMs() + " ms; last: " + failure.getMessage();
            settleWithFailure(batch, index -> isClosed ? failure : new TimedOutException(why));
            return;
        }
        PartitionQueue queue = queue(batch);
        queue.retryLater(batch, nowMs + delayMs);
        sendable.add(queue);
        loop.runAfter(
                delayMs + 1,
                () -> execute(() -> {
                    sendable.add(queue);
                    drain();
                }));
    }

    private void succeed(Batch batch, long baseOffset, long logAppendTimeMs) {
        queue(batch).done(batch);
        unfinished.remove(batch);
        memory.release(batch.reservedBytes());
        loop.run(() -> batch.succeed(baseOffset, logAppendTimeMs));
    }

    /// A batch that was sent and failed leaves a hole in the sequence, so that a new epoch is needed.
    private void settleWithFailure(Batch batch, IntFunction<ClientException> failureOf) {
        queue(batch).done(batch);
        if (config.isIdempotent() && batch.baseSequence != Batch.NO_SEQUENCE) identity.wantReset();
        finish(batch, failureOf);
    }

    private void finish(Batch batch, IntFunction<ClientException> failureOf) {
        unfinished.remove(batch);
        memory.release(batch.reservedBytes());
        loop.run(() -> batch.fail(failureOf));
    }

    void fail(Batch.Sent sent, ClientException failure) {
        memory.release(sent.record().bytesMax());
        loop.run(() -> sent.future().completeExceptionally(failure));
    }

    private PartitionQueue queue(Batch batch) {
        return queues.computeIfAbsent(batch.partition, PartitionQueue::new);
    }

    // What is asked of the cluster.

    boolean hasSendable() {
        return !sendable.isEmpty();
    }

    /// Whether all that is to be sent has somewhere to go.
    boolean hasLeaders(ClusterMetadata metadata) {
        for (PartitionQueue queue : sendable) if (metadata.leader(queue.partition) == null) return false;
        return true;
    }

    // Time passes.

    private void sweepLater() {
        if (isSweeping) return;
        isSweeping = true;
        loop.runAfter(SWEEP_MS, () -> execute(this::sweep));
    }

    /// Fails what has waited too long without being under way.
    private void sweep() {
        isSweeping = false;
        long nowMs = nowMs();
        for (PartitionQueue queue : queues.values()) {
            for (Batch batch : queue.removeIf(each -> nowMs - each.createdMs >= config.deliveryTimeoutMs())) {
                if (batch.baseSequence != Batch.NO_SEQUENCE) identity.wantReset();
                finish(
                        batch,
                        index -> new TimedOutException("not delivered within " + config.deliveryTimeoutMs()
                                + " ms: no leader of " + batch.partition + " could be reached"));
            }
        }
        topics.sweep(nowMs);
        if (!unfinished.isEmpty() || !topics.isEmpty()) sweepLater();
    }

    /// Completes when all that was given before has been delivered or has failed.
    void flush(CompletableFuture<Void> flushed) {
        List<CompletableFuture<?>> waitFor = new ArrayList<>();
        for (Batch batch : unfinished) waitFor.add(batch.done);
        waitFor.addAll(topics.settled());
        for (PartitionQueue queue : queues.values()) if (queue.open() != null) closeOpen(queue);
        drain();
        Await.whenDone(
                CompletableFuture.allOf(waitFor.toArray(CompletableFuture[]::new)), (_, _) -> flushed.complete(null));
    }

    /// What has not been delivered by now fails.
    void close() {
        isClosed = true;
        ClosedException failure = new ClosedException("the producer was closed before the record was delivered");
        for (PartitionQueue queue : queues.values())
            for (Batch batch : queue.removeIf(batch -> true)) finish(batch, index -> failure);
        topics.close(failure);
    }

    boolean isClosed() {
        return isClosed;
    }

    /// A bug stopped the serial: nobody shall wait for ever.
    private void failEverything(Throwable bug) {
        ClosedException failure = new ClosedException("the producer failed: " + bug);
        for (Batch batch : List.copyOf(unfinished)) batch.fail(index -> failure);
        topics.failEverything(failure);
    }
}
