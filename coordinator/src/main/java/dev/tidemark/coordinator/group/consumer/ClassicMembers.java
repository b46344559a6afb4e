package dev.tidemark.coordinator.group.consumer;

import dev.tidemark.base.Bytes;
import dev.tidemark.coordinator.group.ClientContext;
import dev.tidemark.coordinator.group.GroupFact;
import dev.tidemark.coordinator.group.GroupInput;
import dev.tidemark.coordinator.group.classic.ClassicGroup;
import dev.tidemark.coordinator.group.classic.ClassicReplies;
import dev.tidemark.protocol.ErrorCode;
import dev.tidemark.protocol.message.HeartbeatRequest;
import dev.tidemark.protocol.message.HeartbeatResponse;
import dev.tidemark.protocol.message.JoinGroupRequest;
import dev.tidemark.protocol.message.JoinGroupResponse;
import dev.tidemark.protocol.message.SyncGroupRequest;
import dev.tidemark.protocol.message.SyncGroupResponse;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Members that speak the classic protocol in a consumer group. Their generation is their member epoch; nobody
/// leads; the assignment that SyncGroup brings is the coordinator's. Where a member of the consumer protocol
/// would be told of a change in its heartbeat, these are told to join again.
final class ClassicMembers {
    private static final short MEMBER_ID_REQUIRED_VERSION = 4;

    private final ConsumerDraft draft;

    ClassicMembers(ConsumerDraft draft) {
        this.draft = draft;
    }

    JoinGroupResponse join(ClientContext client, JoinGroupRequest request, String freshMemberId) {
        boolean isUnknown = request.memberId().isEmpty();
        String memberId = isUnknown ? freshId(client, request, freshMemberId) : request.memberId();
        ErrorCode error = checkJoin(client, request, memberId, isUnknown);
        if (error != ErrorCode.NONE)
            return ClassicReplies.joinError(
                    error, error == ErrorCode.MEMBER_ID_REQUIRED ? memberId : request.memberId());
        EmbeddedProtocol.Joined joined =
                EmbeddedProtocol.readSubscription(request.protocols().getFirst().metadata());
        if (joined == null) return ClassicReplies.joinError(ErrorCode.INCONSISTENT_GROUP_PROTOCOL, memberId);
        String instanceId = request.groupInstanceId();
        ConsumerMember holder = instanceId == null ? null : draft.group.staticMember(instanceId);
        if (holder != null) StaticMembers.replace(draft, holder, memberId);
        subscribe(client, request, memberId, joined);
        draft.refreshTargets();
        draft.reconcile(memberId, joined.owned(draft.env.metadata()));
        ConsumerMember member = draft.member(memberId);
        draft.plan.cancelTimer(ConsumerDraft.joinTimer(memberId));
        if (Migration.mayDowngrade(draft)) {
            Migration.downgrade(draft);
        } else {
            draft.startSession(member);
            draft.plan.startTimer(
                    ConsumerDraft.syncTimer(memberId),
                    rebalanceTimeoutMs(client, request),
                    new GroupInput.ClassicSyncTimedOut(memberId));
        }
        return JoinGroupResponse.builder()
                .memberId(memberId)
                .generationId(member.epoch())
                .protocolType(ClassicGroup.CONSUMER_PROTOCOL_TYPE)
                .protocolName(protocolName(member))
                .build();
    }

    private static String freshId(ClientContext client, JoinGroupRequest request, String freshMemberId) {
        return (request.groupInstanceId() == null ? client.clientId() : request.groupInstanceId()) + "-"
                + freshMemberId;
    }

    private ErrorCode checkJoin(ClientContext client, JoinGroupRequest request, String memberId, boolean isUnknown) {
        String instanceId = request.groupInstanceId();
        ConsumerMember known = draft.group.member(memberId);
        ConsumerMember holder = instanceId == null ? null : draft.group.staticMember(instanceId);
        if (known == null
                && holder == null
                && draft.group.members().size() >= draft.env.config().consumer().groupSizeMax())
            return ErrorCode.GROUP_MAX_SIZE_REACHED;
        if (!ClassicGroup.CONSUMER_PROTOCOL_TYPE.equals(request.protocolType()) || !isSupported(request, holder, known))
            return ErrorCode.INCONSISTENT_GROUP_PROTOCOL;
        if (instanceId == null) {
            boolean twoSteps = isUnknown && client.apiVersion() >= MEMBER_ID_REQUIRED_VERSION;
            return twoSteps ? ErrorCode.MEMBER_ID_REQUIRED : ErrorCode.NONE;
        }
        if (isUnknown) return ErrorCode.NONE;
        if (holder == null) return ErrorCode.UNKNOWN_MEMBER_ID;
        return holder.memberId().equals(memberId) ? ErrorCode.NONE : ErrorCode.FENCED_INSTANCE_ID;
    }

    /// A strategy that all others of the classic protocol support too, so that the group can go back to it.
    private boolean isSupported(
            JoinGroupRequest request, @Nullable ConsumerMember holder, @Nullable ConsumerMember known) {
        for (JoinGroupRequest.JoinGroupRequestProtocol protocol : request.protocols()) {
            boolean byAll = true;
            for (ConsumerMember member : draft.group.members().values()) {
                boolean isSelf = member.equals(holder) || member.equals(known);
                if (!isSelf && member.isClassic()) byAll &= supports(member, protocol.name());
            }
            if (byAll) return true;
        }
        return false;
    }

    private static boolean supports(ConsumerMember member, String protocol) {
        Subscription.Classic classic = member.subscription().classic();
        if (classic == null) return true;
        for (Subscription.Protocol one : classic.protocols()) if (one.name().equals(protocol)) return true;
        return false;
    }

    private void subscribe(
            ClientContext client, JoinGroupRequest request, String memberId, EmbeddedProtocol.Joined joined) {
        ConsumerMember known = draft.group.member(memberId);
        Subscription old = known == null ? Subscription.NONE : known.subscription();
        List<Subscription.Protocol> protocols = request.protocols().stream()
                .map(protocol -> new Subscription.Protocol(protocol.name(), protocol.metadata()))
                .toList();
        Subscription next = new Subscription(
                request.groupInstanceId(),
                joined.subscription().rackId() == null
                        ? old.rackId()
                        : joined.subscription().rackId(),
                rebalanceTimeoutMs(client, request),
                client.clientId(),
                client.clientHost(),
                joined.subscription().topics(),
                null,
                null,
                new Subscription.Classic(request.sessionTimeoutMs(), protocols));
        boolean bump = draft.group.groupEpoch() == 0 || !next.topics().equals(old.topics()) || old.hasRegex();
        if (known == null || !next.equals(old)) draft.add(new GroupFact.MemberSubscribed(memberId, next));
        draft.forgetUnusedRegex(old.regex());
        draft.refreshEpoch(bump);
    }

    private static int rebalanceTimeoutMs(ClientContext client, JoinGroupRequest request) {
        return client.apiVersion() == 0 || request.rebalanceTimeoutMs() < 0
                ? request.sessionTimeoutMs()
                : request.rebalanceTimeoutMs();
    }

    SyncGroupResponse sync(SyncGroupRequest request) {
        ConsumerMember member = draft.group.member(request.memberId());
        ErrorCode error = check(member, request.memberId(), request.groupInstanceId(), request.generationId());
        if (error != ErrorCode.NONE || member == null) return ClassicReplies.syncError(error);
        String type = request.protocolType();
        String name = request.protocolName();
        boolean fits = (type == null || type.equals(ClassicGroup.CONSUMER_PROTOCOL_TYPE))
                && (name == null || name.equals(protocolName(member)));
        if (!fits) return ClassicReplies.syncError(ErrorCode.INCONSISTENT_GROUP_PROTOCOL);
        // A member that has to revoke first joins again by itself when it has.
        boolean isBehind = draft.group.groupEpoch() > member.epoch()
                && member.current().state() != MemberState.UNREVOKED_PARTITIONS;
        if (isBehind) {
            awaitJoin(member);
            return ClassicReplies.syncError(ErrorCode.REBALANCE_IN_PROGRESS);
        }
        draft.plan.cancelTimer(ConsumerDraft.syncTimer(member.memberId()));
        draft.startSession(member);
        Bytes assignment = EmbeddedProtocol.writeAssignment(
                member.current().assigned().partitions(), draft.env.metadata(), version(member.subscription()));
        return SyncGroupResponse.builder()
                .protocolType(ClassicGroup.CONSUMER_PROTOCOL_TYPE)
                .protocolName(protocolName(member))
                .assignment(assignment)
                .build();
    }

    HeartbeatResponse heartbeat(HeartbeatRequest request) {
        ConsumerMember member = draft.group.member(request.memberId());
        ErrorCode error = check(member, request.memberId(), request.groupInstanceId(), request.generationId());
        if (error != ErrorCode.NONE || member == null) return ClassicReplies.heartbeat(error);
        draft.startSession(member);
        draft.refreshEpoch(false);
        if (!mustJoinAgain(member)) return ClassicReplies.heartbeat(ErrorCode.NONE);
        awaitJoin(member);
        return ClassicReplies.heartbeat(ErrorCode.REBALANCE_IN_PROGRESS);
    }

    /// The group moved on, the member has something to give up, or what it waits for has become free.
    private boolean mustJoinAgain(ConsumerMember member) {
        return switch (member.current().state()) {
            case UNREVOKED_PARTITIONS, UNKNOWN -> true;
            case STABLE -> member.epoch() < draft.group.groupEpoch();
            case UNRELEASED_PARTITIONS -> member.epoch() < draft.group.groupEpoch() || !waitsForOthers(member);
        };
    }

    private boolean waitsForOthers(ConsumerMember member) {
        boolean[] waits = {false};
        draft.group.target(member.memberId()).forEach((topic, partition) -> {
            if (!draft.group.isFreeFor(member.memberId(), topic, partition)) waits[0] = true;
        });
        return waits[0];
    }

    private void awaitJoin(ConsumerMember member) {
        draft.plan.ensureTimer(
                ConsumerDraft.joinTimer(member.memberId()),
                member.subscription().rebalanceTimeoutMs(),
                new GroupInput.ClassicJoinTimedOut(member.memberId()));
    }

    private ErrorCode check(
            @Nullable ConsumerMember member, String memberId, @Nullable String instanceId, int generationId) {
        if (instanceId != null) {
            ConsumerMember holder = draft.group.staticMember(instanceId);
            if (holder == null) return ErrorCode.UNKNOWN_MEMBER_ID;
            if (!holder.memberId().equals(memberId)) return ErrorCode.FENCED_INSTANCE_ID;
        }
        if (member == null || !member.isClassic()) return ErrorCode.UNKNOWN_MEMBER_ID;
        return generationId == member.epoch() ? ErrorCode.NONE : ErrorCode.ILLEGAL_GENERATION;
    }

    /// The member's own favourite: with an assignment by the coordinator the name means nothing.
    private static String protocolName(ConsumerMember member) {
        Subscription.Classic classic = member.subscription().classic();
        return classic == null || classic.protocols().isEmpty()
                ? ""
                : classic.protocols().getFirst().name();
    }

    /// The version of the embedded protocol that the member speaks.
    static short version(Subscription subscription) {
        Subscription.Classic classic = subscription.classic();
        if (classic == null || classic.protocols().isEmpty()) return 0;
        EmbeddedProtocol.Joined joined =
                EmbeddedProtocol.readSubscription(classic.protocols().getFirst().metadata());
        return joined == null ? 0 : joined.version();
    }
}
