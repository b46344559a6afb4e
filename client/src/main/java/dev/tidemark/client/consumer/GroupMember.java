package dev.tidemark.client.consumer;

import dev.tidemark.base.TopicPartition;
import dev.tidemark.base.Uuid;
import dev.tidemark.base.time.Loop;
import dev.tidemark.client.BrokerErrorException;
import dev.tidemark.client.ClientException;
import dev.tidemark.client.OffsetAndMetadata;
import dev.tidemark.client.cluster.Await;
import dev.tidemark.client.cluster.Backoff;
import dev.tidemark.client.cluster.ClusterClient;
import dev.tidemark.client.cluster.ClusterMetadata;
import dev.tidemark.client.cluster.Coordinators;
import dev.tidemark.client.consumer.membership.Assignors;
import dev.tidemark.client.consumer.membership.ClassicMembership;
import dev.tidemark.client.consumer.membership.ConsumerMembership;
import dev.tidemark.client.consumer.membership.Membership;
import dev.tidemark.client.consumer.membership.Membership.Delay;
import dev.tidemark.client.consumer.membership.Membership.Effect;
import dev.tidemark.client.consumer.membership.Membership.Input;
import dev.tidemark.client.network.Call;
import dev.tidemark.client.network.Transport.Lane;
import dev.tidemark.protocol.ErrorCode;
import dev.tidemark.protocol.message.ConsumerGroupHeartbeatResponse;
import dev.tidemark.protocol.message.Response;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// The shell around a [Membership]: sends its requests, keeps its timer, holds what the application has to be told
/// until it polls. Owner: the consumer's serial.
final class GroupMember {
    /// What the polling thread has to do for the member.
    sealed interface Callback {
        record Granted(SortedSet<TopicPartition> partitions) implements Callback {}

        /// Answered by [GroupMember#released].
        record Revoked(SortedSet<TopicPartition> partitions) implements Callback {}

        /// Answered by [GroupMember#released].
        record Lost(SortedSet<TopicPartition> partitions) implements Callback {}
    }

    /// What others have to know.
    interface Events {
        void onCallback();

        void onGranted(SortedSet<TopicPartition> partitions);

        void onFailure(ClientException failure);
    }

    private final ConsumerConfig config;
    private final ClusterClient cluster;
    private final Loop loop;
    private final Consumer<Runnable> serial;
    private final Events events;
    private final Coordinators coordinators;
    private final GroupMessages messages;
    private final String groupId;
    private final Backoff backoff;
    private final Map<String, Uuid> idsByName = new HashMap<>();
    private final Queue<Callback> callbacks = new ArrayDeque<>();
    private Membership membership;
    private Membership.Subscription subscription = new Membership.Subscription(new TreeSet<>(), null);
    private String assignor = "";
    private int failures;
    private int releases;
    private long polledMs;
    private CompletableFuture<Void> farewell = CompletableFuture.completedFuture(null);

    private Loop.@Nullable Timer timer;

    GroupMember(
            ConsumerConfig config,
            String groupId,
            String freshMemberId,
            ClusterClient cluster,
            Loop loop,
            Consumer<Runnable> serial,
            Events events) {
        this.config = config;
        this.groupId = groupId;
        this.cluster = cluster;
        this.loop = loop;
        this.serial = serial;
        this.events = events;
        this.coordinators = new Coordinators(cluster);
        this.messages = new GroupMessages(config, groupId);
        this.backoff = Backoff.of(config.client());
        boolean isStatic = config.instanceId() != null;
        this.membership = switch (config.protocol()) {
            case AUTO, CONSUMER -> ConsumerMembership.create(freshMemberId, isStatic);
            case CLASSIC -> ClassicMembership.create(false, isStatic);
            case CLASSIC_COOPERATIVE -> ClassicMembership.create(true, isStatic);
        };
    }

    Membership membership() {
        return membership;
    }

    void subscribe(Membership.Subscription wanted) {
        subscription = wanted;
        polled();
        String regex = wanted.regex();
        if (regex != null && membership instanceof ClassicMembership) subscribeToMatching(regex);
        else input(new Input.Subscribe(wanted));
    }

    /// The classic protocol knows names only.
    private void subscribeToMatching(String regex) {
        Pattern pattern = Pattern.compile(regex);
        Await.whenDone(
                cluster.refreshAll(),
                (metadata, failure) -> serial.accept(() -> {
                    if (metadata == null) {
                        loop.runAfter(
                                backoff.delayMs(++failures), () -> serial.accept(() -> subscribeToMatching(regex)));
                        return;
                    }
                    SortedSet<String> topics = new TreeSet<>();
                    for (ClusterMetadata.Topic topic : metadata.topics().values())
                        if (!topic.isInternal() && pattern.matcher(topic.name()).matches()) topics.add(topic.name());
                    input(new Input.Subscribe(new Membership.Subscription(topics, null)));
                    loop.runAfter(
                            config.client().metadataMaxAgeMs(), () -> serial.accept(() -> subscribeToMatching(regex)));
                }));
    }

    /// The application is alive.
    void polled() {
        polledMs = loop.clock().monotonicMs();
        input(new Input.Polled());
    }

    /// The next thing that the polling thread has to do; null if there is none.
    @Nullable
    Callback nextCallback() {
        return callbacks.poll();
    }

    boolean hasCallbacks() {
        return !callbacks.isEmpty();
    }

    /// One [Callback.Revoked] or [Callback.Lost] has been done. The membership hears of the last only: a member that
    /// was put out while it gave something up must not go on before it has given up all.
    void released() {
        if (--releases == 0) input(new Input.Released());
    }

    /// Completes when the coordinator knows, or cannot be told.
    CompletableFuture<Void> leave() {
        input(new Input.Leave());
        return farewell;
    }

    private void input(Input input) {
        Membership.Step step = membership.step(input);
        membership = step.next();
        for (Effect effect : step.effects()) perform(effect);
    }

    private void perform(Effect effect) {
        switch (effect) {
            case Effect.SendConsumerHeartbeat heartbeat ->
                send(messages.heartbeat(heartbeat, this::topicId), this::onConsumerHeartbeat, heartbeat.epoch() < 0);
            case Effect.SendJoin join ->
                send(
                        messages.join(join),
                        response -> {
                            var answer = GroupMessages.answer(response);
                            assignor = answer.assignor();
                            input(answer);
                        },
                        false);
            case Effect.Assign(var chosen, var members) -> assign(chosen, members);
            case Effect.SendSync sync ->
                send(messages.sync(sync, assignor), response -> input(GroupMessages.answer(response)), false);
            case Effect.SendHeartbeat heartbeat ->
                send(
                        messages.heartbeat(heartbeat),
                        response -> input(new Input.HeartbeatAnswer(ErrorCode.forCode(response.errorCode()))),
                        false);
            case Effect.SendLeave leave -> send(messages.leave(leave), response -> {}, true);
            case Effect.HeartbeatIn(var delay) -> heartbeatIn(delayMs(delay));
            case Effect.Revoke(var partitions) -> release(new Callback.Revoked(partitions));
            case Effect.Lose(var partitions) -> release(new Callback.Lost(partitions));
            case Effect.Grant(var partitions) -> {
                events.onGranted(partitions);
                callback(new Callback.Granted(partitions));
            }
            case Effect.FindCoordinator() -> coordinators.forget();
            case Effect.FallBack() -> fallBack();
            case Effect.Fail(var error, var message) ->
                events.onFailure(new BrokerErrorException(
                        error, "group " + groupId + ": " + (message == null ? error.defaultMessage() : message)));
        }
    }

    private void release(Callback callback) {
        releases++;
        callback(callback);
    }

    private void callback(Callback callback) {
        callbacks.add(callback);
        events.onCallback();
    }

    private long delayMs(Delay delay) {
        return switch (delay) {
            case Delay.Millis(var ms) -> ms;
            case Delay.Configured() -> config.heartbeatIntervalMs();
            case Delay.Backoff() -> backoff.delayMs(++failures);
        };
    }

    private void heartbeatIn(long delayMs) {
        if (timer != null) timer.cancel();
        timer = loop.runAfter(
                delayMs,
                () -> serial.accept(() -> {
                    boolean isOverdue = loop.clock().monotonicMs() - polledMs > config.pollIntervalMsMax();
                    input(isOverdue ? new Input.PollOverdue() : new Input.HeartbeatDue());
                }));
    }

    private void fallBack() {
        if (config.protocol() == GroupProtocol.CONSUMER) {
            events.onFailure(new BrokerErrorException(
                    ErrorCode.UNSUPPORTED_VERSION, "the broker does not have the group protocol 'consumer' (KIP-848)"));
            return;
        }
        membership = ClassicMembership.create(false, config.instanceId() != null);
        subscribe(subscription);
    }

    private Uuid topicId(String topic) {
        ClusterMetadata.Topic known = cluster.metadata().topic(topic);
        Uuid remembered = idsByName.get(topic);
        if (known != null) return known.id();
        return remembered == null ? Uuid.ZERO : remembered;
    }

    private void onConsumerHeartbeat(ConsumerGroupHeartbeatResponse response) {
        var assignment = response.assignment();
        Set<Uuid> unknown = new HashSet<>();
        if (assignment != null)
            for (var topic : assignment.topicPartitions())
                if (!idsByName.containsValue(topic.topicId())) unknown.add(topic.topicId());
        if (unknown.isEmpty()) {
            input(toAnswer(response));
            return;
        }
        Await.whenDone(
                cluster.namesOf(unknown),
                (names, failure) -> serial.accept(() -> {
                    if (names != null) names.forEach((id, name) -> idsByName.put(name, id));
                    boolean isResolved = names != null && names.keySet().containsAll(unknown);
                    // A topic that is too new or too old for the broker that was asked: the coordinator will say it
                    // again.
                    input(isResolved ? toAnswer(response) : new Input.Unanswered());
                }));
    }

    private Input toAnswer(ConsumerGroupHeartbeatResponse response) {
        if (response.errorCode() == 0) failures = 0;
        var assignment = response.assignment();
        SortedSet<TopicPartition> partitions = null;
        if (assignment != null) {
            partitions = new TreeSet<>();
            Map<Uuid, String> names = new HashMap<>();
            idsByName.forEach((name, id) -> names.put(id, name));
            for (var topic : assignment.topicPartitions())
                for (int partition : topic.partitions())
                    partitions.add(new TopicPartition(names.getOrDefault(topic.topicId(), ""), partition));
        }
        String memberId = response.memberId();
        return new Input.ConsumerHeartbeatAnswer(
                ErrorCode.forCode(response.errorCode()),
                response.errorMessage(),
                memberId == null ? "" : memberId,
                response.memberEpoch(),
                response.heartbeatIntervalMs(),
                partitions);
    }

    private void assign(String chosen, Map<String, Membership.MemberSubscription> members) {
        Set<String> topics = new TreeSet<>();
        members.values().forEach(member -> topics.addAll(member.topics()));
        Await.whenDone(
                cluster.refresh(topics, false),
                (metadata, failure) -> serial.accept(() -> {
                    if (metadata == null) {
                        input(new Input.Unanswered());
                        return;
                    }
                    Map<String, Integer> counts = partitionCounts(metadata, topics);
                    input(new Input.AssignmentMade(Assignors.assign(chosen, members, counts)));
                    watchPartitions(membership.epoch(), topics, counts);
                }));
    }

    private static Map<String, Integer> partitionCounts(ClusterMetadata metadata, Set<String> topics) {
        Map<String, Integer> counts = new HashMap<>();
        for (String topic : topics) {
            ClusterMetadata.Topic known = metadata.topic(topic);
            if (known != null) counts.put(topic, known.partitions().size());
        }
        return counts;
    }

    /// The leader of a classic group looks whether topics come, go or grow: nobody else tells the coordinator. Ends
    /// with the generation.
    private void watchPartitions(int generation, Set<String> topics, Map<String, Integer> assigned) {
        loop.runAfter(
                config.client().metadataMaxAgeMs(),
                () -> serial.accept(() -> {
                    if (membership.epoch() != generation) return;
                    Await.whenDone(
                            cluster.refresh(topics, false),
                            (metadata, failure) -> serial.accept(() -> {
                                boolean changed = metadata != null
                                        && !partitionCounts(metadata, topics).equals(assigned);
                                if (changed) input(new Input.PartitionsChanged(generation));
                                else watchPartitions(generation, topics, assigned);
                            }));
                }));
    }

    private <R extends Response> CompletableFuture<R> toCoordinator(Call<R> call) {
        return coordinators.ofGroup(groupId).thenCompose(node -> cluster.send(node, Lane.COORDINATOR, call));
    }

    private <R extends Response> void send(Call<R> call, Consumer<R> onResponse, boolean isFarewell) {
        CompletableFuture<R> answered = toCoordinator(call);
        if (isFarewell) farewell = answered.handle((response, failure) -> null);
        Await.whenDone(
                answered,
                (response, failure) -> serial.accept(() -> {
                    if (response != null) onResponse.accept(response);
                    else if (!isFarewell) onFailure(Await.clientException(failure), call);
                }));
    }

    private void onFailure(ClientException failure, Call<?> call) {
        boolean isConsumerProtocol = call.responseType() == ConsumerGroupHeartbeatResponse.class;
        if (failure instanceof BrokerErrorException refused) {
            if (refused.error() == ErrorCode.UNSUPPORTED_VERSION && isConsumerProtocol) {
                input(new Input.ConsumerHeartbeatAnswer(refused.error(), refused.getMessage(), "", -1, -1, null));
                return;
            }
            if (!refused.isRetriable()) {
                events.onFailure(refused);
                return;
            }
        }
        coordinators.forget();
        input(new Input.Unanswered());
    }

    /// Fails with [BrokerErrorException] where the coordinator refuses one of them.
    CompletableFuture<Void> commit(Map<TopicPartition, OffsetAndMetadata> offsets) {
        boolean isMember = membership.epoch() >= 0 && !membership.memberId().isEmpty();
        var call = messages.commit(offsets, isMember ? membership.memberId() : "", isMember ? membership.epoch() : -1);
        return toCoordinator(call).thenApply(response -> {
            ErrorCode error = GroupMessages.firstError(response);
            if (Coordinators.isAboutCoordinator(error)) coordinators.forget();
            if (error != ErrorCode.NONE) throw BrokerErrorException.of(error);
            return null;
        });
    }

    List<String> subscribedTopics() {
        return List.copyOf(subscription.topics());
    }
}
