package dev.tidemark.client.producer;

import dev.tidemark.base.time.Loop;
import dev.tidemark.client.BrokerErrorException;
import dev.tidemark.client.ClientException;
import dev.tidemark.client.ClosedException;
import dev.tidemark.client.TimedOutException;
import dev.tidemark.client.cluster.Await;
import dev.tidemark.client.cluster.Backoff;
import dev.tidemark.client.cluster.ClusterClient;
import dev.tidemark.client.cluster.ClusterMetadata;
import dev.tidemark.protocol.ErrorCode;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/// Records of topics of which nothing is known yet, and the questions to the cluster about the topics of a producer.
/// Owner: the sender's serial.
final class TopicWaiters {
    private final ProducerConfig config;
    private final ClusterClient cluster;
    private final Loop loop;
    private final Backoff backoff;
    private final Sender sender;

    private final Map<String, List<Batch.Sent>> waiting = new LinkedHashMap<>();
    private final Set<String> topics = new HashSet<>();
    private boolean isRefreshing;
    private int refreshFailures;
    private long refreshedMs = Long.MIN_VALUE;

    TopicWaiters(ProducerConfig config, ClusterClient cluster, Loop loop, Backoff backoff, Sender sender) {
        this.config = config;
        this.cluster = cluster;
        this.loop = loop;
        this.backoff = backoff;
        this.sender = sender;
    }

    boolean isEmpty() {
        return waiting.isEmpty();
    }

    /// From now on this topic is asked about.
    void use(String topic) {
        topics.add(topic);
    }

    /// Keeps the record until its topic is known, or this has taken too long.
    void add(Batch.Sent sent) {
        waiting.computeIfAbsent(sent.record().topic(), name -> new ArrayList<>())
                .add(sent);
        refresh();
    }

    void refreshIfOld(long nowMs) {
        if (nowMs - refreshedMs > config.client().metadataMaxAgeMs()) refresh();
    }

    void refresh() {
        if (isRefreshing || sender.isClosed()) return;
        isRefreshing = true;
        Await.whenDone(
                cluster.refresh(topics, true),
                (metadata, failure) -> sender.execute(() -> {
                    isRefreshing = false;
                    refreshedMs = loop.clock().monotonicMs();
                    boolean isComplete = metadata != null && isComplete(metadata);
                    if (metadata != null) appendWaiting(metadata);
                    refreshFailures = isComplete ? 0 : refreshFailures + 1;
                    if (!isComplete)
                        loop.runAfter(backoff.delayMs(refreshFailures), () -> sender.execute(this::refreshNeeded));
                    sender.drain();
                }));
    }

    private void refreshNeeded() {
        if (!waiting.isEmpty() || sender.hasSendable()) refresh();
    }

    private boolean isComplete(ClusterMetadata metadata) {
        for (String topic : waiting.keySet()) {
            ClusterMetadata.Topic known = metadata.topic(topic);
            if (known == null || known.error() != ErrorCode.NONE) return false;
        }
        return sender.hasLeaders(metadata);
    }

    private void appendWaiting(ClusterMetadata metadata) {
        for (String name : List.copyOf(waiting.keySet())) {
            ClusterMetadata.Topic topic = metadata.topic(name);
            if (topic == null) continue;
            boolean isHopeless =
                    topic.error() != ErrorCode.NONE && !topic.error().isRetriable();
            if (topic.error() != ErrorCode.NONE && !isHopeless) continue;
            List<Batch.Sent> ofTopic = waiting.remove(name);
            if (ofTopic == null) continue;
            if (isHopeless) topics.remove(name);
            for (Batch.Sent sent : ofTopic) {
                if (isHopeless) sender.fail(sent, BrokerErrorException.of(topic.error()));
                else sender.append(sent, topic);
            }
        }
    }

    /// Fails what has waited too long.
    void sweep(long nowMs) {
        for (String topic : List.copyOf(waiting.keySet())) {
            List<Batch.Sent> ofTopic = waiting.getOrDefault(topic, new ArrayList<>());
            while (!ofTopic.isEmpty() && nowMs - ofTopic.getFirst().queuedMs() >= config.blockMsMax())
                sender.fail(ofTopic.removeFirst(), whyNoTopic(topic));
            if (ofTopic.isEmpty()) waiting.remove(topic);
        }
    }

    private ClientException whyNoTopic(String topic) {
        ClusterMetadata.Topic known = cluster.metadata().topic(topic);
        if (known != null && known.error() != ErrorCode.NONE)
            return new BrokerErrorException(
                    known.error(), "topic " + topic + ": " + known.error().defaultMessage());
        return new TimedOutException(
                "nothing could be learnt of topic " + topic + " within " + config.blockMsMax() + " ms");
    }

    /// Done, whatever became of it, for each record that waits.
    List<CompletableFuture<?>> settled() {
        List<CompletableFuture<?>> settled = new ArrayList<>();
        for (List<Batch.Sent> ofTopic : waiting.values())
            for (Batch.Sent sent : ofTopic) settled.add(sent.future().handle((metadata, failure) -> null));
        return settled;
    }

    void close(ClosedException failure) {
        waiting.values().forEach(ofTopic -> ofTopic.forEach(sent -> sender.fail(sent, failure)));
        waiting.clear();
    }

    /// After a bug, outside of the serial.
    void failEverything(ClosedException failure) {
        waiting.values()
                .forEach(ofTopic -> ofTopic.forEach(sent -> sent.future().completeExceptionally(failure)));
    }
}
