package dev.tidemark.coordinator.group.consumer;

import dev.tidemark.base.Uuid;
import dev.tidemark.coordinator.group.ClientContext;
import dev.tidemark.coordinator.group.GroupFact;
import dev.tidemark.coordinator.group.GroupInput;
import dev.tidemark.protocol.ErrorCode;
import dev.tidemark.protocol.message.ConsumerGroupHeartbeatRequest;
import dev.tidemark.protocol.message.ConsumerGroupHeartbeatResponse;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// A heartbeat of a member that joins or stays: it may bring a new subscription, which bumps the group epoch,
/// which makes new targets; then the member moves a step towards its own.
final class ConsumerHeartbeat {
    private final ConsumerDraft draft;
    private final ClientContext client;
    private final ConsumerGroupHeartbeatRequest request;
    private final String memberId;
    private final @Nullable Assignment owned;

    ConsumerHeartbeat(ConsumerDraft draft, GroupInput.ConsumerHeartbeat input) {
        this.draft = draft;
        this.client = input.client();
        this.request = input.request();
        this.memberId = request.memberId().isEmpty() ? input.freshMemberId() : request.memberId();
        this.owned = owned(request);
    }

    private static @Nullable Assignment owned(ConsumerGroupHeartbeatRequest request) {
        List<ConsumerGroupHeartbeatRequest.TopicPartitions> told = request.topicPartitions();
        if (told == null) return null;
        Map<Uuid, Set<Integer>> owned = new TreeMap<>();
        for (ConsumerGroupHeartbeatRequest.TopicPartitions topic : told)
            owned.computeIfAbsent(topic.topicId(), _ -> new HashSet<>()).addAll(topic.partitions());
        return Assignment.of(owned);
    }

    /// The answer. Where it is an error, nothing of the draft is to be used.
    ConsumerGroupHeartbeatResponse respond() {
        Refusal refusal = identify();
        if (refusal == null && bringsRegex()) refusal = HeartbeatRules.checkRegex(request.subscribedTopicRegex());
        if (refusal != null) return refusal.toResponse();
        ConsumerMember before = findOrReplace();
        draft.hear(memberId, client.connection());
        subscribe(before);
        draft.refreshTargets();
        draft.reconcile(memberId, owned);
        draft.startSession(draft.member(memberId));
        Regexes.refresh(draft, draft.member(memberId).subscription(), client.mayDescribeTopic());
        return response(before.current(), draft.member(memberId).current());
    }

    private boolean bringsRegex() {
        ConsumerMember member = draft.group.member(memberId);
        String regex = request.subscribedTopicRegex();
        return regex != null
                && (member == null || !regex.equals(member.subscription().regex()));
    }

    private @Nullable Refusal identify() {
        ConsumerMember known = draft.group.member(memberId);
        boolean joins = request.memberEpoch() == HeartbeatRules.JOIN_EPOCH;
        String instanceId = request.instanceId();
        ConsumerMember holder = instanceId == null ? null : draft.group.staticMember(instanceId);
        int max = draft.env.config().consumer().groupSizeMax();
        if (known == null && holder == null && draft.group.members().size() >= max)
            return new Refusal(
                    ErrorCode.GROUP_MAX_SIZE_REACHED,
                    "The consumer group has reached its maximum capacity of " + max + " members.");
        if (instanceId == null) {
            if (known == null) return joins ? null : HeartbeatRules.unknownMember(memberId);
            return HeartbeatRules.checkEpoch(known, request.memberEpoch(), owned);
        }
        return joins ? checkStaticJoin(holder, instanceId) : checkStaticStay(holder, instanceId);
    }

    private @Nullable Refusal checkStaticJoin(@Nullable ConsumerMember holder, String instanceId) {
        if (holder == null || holder.isClassic() || holder.memberId().equals(memberId)) return null;
        if (holder.epoch() == HeartbeatRules.LEAVE_STATIC_EPOCH) return null;
        return new Refusal(
                ErrorCode.UNRELEASED_INSTANCE_ID,
                "Static member " + memberId + " with instance id " + instanceId
                        + " cannot join the group because the instance id is owned by " + holder.memberId()
                        + " member.");
    }

    private @Nullable Refusal checkStaticStay(@Nullable ConsumerMember holder, String instanceId) {
        if (holder == null) return HeartbeatRules.unknownInstance(instanceId);
        if (!holder.memberId().equals(memberId)) return StaticMembers.fenced(memberId, instanceId, holder.memberId());
        return HeartbeatRules.checkEpoch(holder, request.memberEpoch(), owned);
    }

    private ConsumerMember findOrReplace() {
        String instanceId = request.instanceId();
        ConsumerMember holder = instanceId == null ? null : draft.group.staticMember(instanceId);
        if (holder != null) return StaticMembers.replace(draft, holder, memberId);
        ConsumerMember known = draft.group.member(memberId);
        return known == null ? ConsumerMember.fresh(memberId) : known;
    }

    private void subscribe(ConsumerMember before) {
        Subscription old = before.subscription();
        Subscription next = described(old);
        boolean bump = draft.group.groupEpoch() == 0 || !next.topics().equals(old.topics());
        if (!next.equals(old) || draft.group.member(memberId) == null)
            draft.add(new GroupFact.MemberSubscribed(memberId, next));
        if (!Objects.equals(next.regex(), old.regex())) {
            // An expression that is not resolved yet bumps the epoch when it is.
            bump |= !next.hasRegex() || draft.group.regexes().containsKey(next.regex());
            draft.forgetUnusedRegex(old.regex());
        }
        draft.refreshEpoch(bump);
    }

    /// What the heartbeat leaves out stays as it was.
    private Subscription described(Subscription old) {
        if (tellsNothingNew(old)) return old;
        List<String> topics = request.subscribedTopicNames();
        return new Subscription(
                request.instanceId() == null ? old.instanceId() : request.instanceId(),
                request.rackId() == null ? old.rackId() : request.rackId(),
                request.rebalanceTimeoutMs() == -1 ? old.rebalanceTimeoutMs() : request.rebalanceTimeoutMs(),
                client.clientId(),
                client.clientHost(),
                topics == null ? old.topics() : topics,
                request.subscribedTopicRegex() == null ? old.regex() : request.subscribedTopicRegex(),
                request.serverAssignor() == null ? old.assignor() : request.serverAssignor(),
                null);
    }

    /// As most heartbeats.
    private boolean tellsNothingNew(Subscription old) {
        return request.subscribedTopicNames() == null
                && request.subscribedTopicRegex() == null
                && request.rebalanceTimeoutMs() == -1
                && request.rackId() == null
                && request.serverAssignor() == null
                && (request.instanceId() == null || request.instanceId().equals(old.instanceId()))
                && client.clientId().equals(old.clientId())
                && client.clientHost().equals(old.clientHost())
                && !old.isClassic();
    }

    /// The assignment is told where it changed; where the member told all of itself, as it does after an error; and
    /// where it says that it holds what it shall not: it may not have heard of it.
    private ConsumerGroupHeartbeatResponse response(CurrentAssignment before, CurrentAssignment now) {
        boolean toldAll = request.memberEpoch() == HeartbeatRules.JOIN_EPOCH
                || (request.rebalanceTimeoutMs() != -1 && request.subscribedTopicNames() != null && owned != null);
        boolean changed = !now.assigned().equals(before.assigned());
        boolean holdsTooMuch = owned != null && !now.assigned().containsAll(owned);
        return ConsumerGroupHeartbeatResponse.builder()
                .memberId(memberId)
                .memberEpoch(now.memberEpoch())
                .heartbeatIntervalMs(draft.env.settings().consumerHeartbeatIntervalMs())
                .assignment(toldAll || changed || holdsTooMuch ? assignment(now) : null)
                .build();
    }

    private static ConsumerGroupHeartbeatResponse.Assignment assignment(CurrentAssignment current) {
        List<ConsumerGroupHeartbeatResponse.TopicPartitions> topics = current.assigned().topics().entrySet().stream()
                .map(topic -> ConsumerGroupHeartbeatResponse.TopicPartitions.builder()
                        .topicId(topic.getKey())
                        .partitions(List.copyOf(topic.getValue().keySet()))
                        .build())
                .toList();
        return ConsumerGroupHeartbeatResponse.Assignment.builder()
                .topicPartitions(topics)
                .build();
    }
}
