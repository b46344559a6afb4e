package dev.tidemark.coordinator.group.classic;

import dev.tidemark.base.Bytes;
import dev.tidemark.coordinator.group.ClientContext;
import dev.tidemark.coordinator.group.GroupInput;
import dev.tidemark.protocol.ErrorCode;
import dev.tidemark.protocol.message.JoinGroupRequest;
import dev.tidemark.protocol.message.Response;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// JoinGroup: who may come in, under which member id, and whether a rebalance follows. Gives the answer, or null
/// where the caller waits for the next generation.
final class Joining {
    /// From this version on a dynamic member joins in two steps, so that a lost answer leaves no member behind.
    private static final short MEMBER_ID_REQUIRED_VERSION = 4;

    private static final short SKIP_ASSIGNMENT_VERSION = 9;

    private final ClassicDraft draft;
    private final ClientContext client;
    private final JoinGroupRequest request;
    private final String freshMemberId;
    private final long waiter;

    Joining(ClassicDraft draft, GroupInput.Join join, long waiter) {
        this.draft = draft;
        this.client = join.client();
        this.request = join.request();
        this.freshMemberId = join.freshMemberId();
        this.waiter = waiter;
    }

    @Nullable
    Response join() {
        String memberId = request.memberId();
        if (!hasRoomFor(memberId)) {
            draft.group = draft.group.withoutMember(memberId);
            return ClassicReplies.joinError(ErrorCode.GROUP_MAX_SIZE_REACHED, "");
        }
        if (!draft.group.supports(request.protocolType(), protocols()))
            return ClassicReplies.joinError(ErrorCode.INCONSISTENT_GROUP_PROTOCOL, memberId);
        return memberId.isEmpty() ? newcomer() : returning(memberId);
    }

    private boolean hasRoomFor(String memberId) {
        ClassicGroup group = draft.group;
        ClassicMember member = group.member(memberId);
        return switch (group.state()) {
            case EMPTY -> true;
            case PREPARING_REBALANCE ->
                (member != null && member.awaitsJoin()) || group.awaitingJoin() < draft.config.groupSizeMax();
            case COMPLETING_REBALANCE, STABLE ->
                member != null || group.members().size() < draft.config.groupSizeMax();
        };
    }

    private @Nullable Response newcomer() {
        String instanceId = request.groupInstanceId();
        String memberId = (instanceId == null ? client.clientId() : instanceId) + "-" + freshMemberId;
        if (instanceId != null) {
            String replaced = draft.group.staticMemberId(instanceId);
            if (replaced != null) return takeOver(replaced, memberId);
        } else if (client.apiVersion() >= MEMBER_ID_REQUIRED_VERSION) {
            draft.group = draft.group.withPendingJoin(memberId, request.sessionTimeoutMs());
            draft.startSession(memberId, request.sessionTimeoutMs());
            return ClassicReplies.joinError(ErrorCode.MEMBER_ID_REQUIRED, memberId);
        }
        return add(memberId);
    }

    private @Nullable Response returning(String memberId) {
        ClassicGroup group = draft.group;
        if (group.pendingJoins().containsKey(memberId)) {
            if (request.groupInstanceId() != null)
                return ClassicReplies.joinError(ErrorCode.UNKNOWN_MEMBER_ID, memberId);
            return add(memberId);
        }
        ErrorCode error = Membership.check(group, memberId, request.groupInstanceId());
        if (error != ErrorCode.NONE) return ClassicReplies.joinError(error, memberId);
        ClassicMember member = group.memberOrFail(memberId);
        boolean sameProtocols = member.protocols().equals(protocols());
        return switch (group.state()) {
            case PREPARING_REBALANCE -> rejoin(member);
            case COMPLETING_REBALANCE -> sameProtocols ? currentGeneration(member) : rejoin(member);
            // A leader that joins again wants a rebalance: its topics may have changed.
            case STABLE -> sameProtocols && !group.isLeader(memberId) ? currentGeneration(member) : rejoin(member);
            case EMPTY -> ClassicReplies.joinError(ErrorCode.UNKNOWN_MEMBER_ID, memberId);
        };
    }

    /// The answer to its earlier JoinGroup may have been lost.
    private Response currentGeneration(ClassicMember member) {
        draft.startSession(member);
        return ClassicReplies.joined(draft.group, member.memberId());
    }

    private @Nullable Response add(String memberId) {
        ClassicGroup group =
                draft.group.withProtocolType(request.protocolType()).withoutPendingJoin(memberId);
        ClassicMember member = new ClassicMember(
                memberId,
                request.groupInstanceId(),
                client.clientId(),
                client.clientHost(),
                rebalanceTimeoutMs(),
                request.sessionTimeoutMs(),
                protocols(),
                Bytes.EMPTY,
                waiter,
                0,
                true);
        if (group.is(ClassicState.PREPARING_REBALANCE) && group.isInitialDelay())
            group = group.withInitialDelay(true, true);
        draft.group = group.withMember(member);
        if (draft.group.leaderId() == null) draft.group = draft.group.withLeader(memberId);
        draft.startSession(member);
        Rebalance.prepareOrComplete(draft);
        return null;
    }

    private @Nullable Response rejoin(ClassicMember member) {
        ClassicMember told = draft.failWaiters(member, ErrorCode.REBALANCE_IN_PROGRESS);
        draft.group = draft.group.withMember(described(told).withWaiters(waiter, 0));
        Rebalance.prepareOrComplete(draft);
        return null;
    }

    private ClassicMember described(ClassicMember member) {
        return member.withSubscription(
                client.clientId(), client.clientHost(), rebalanceTimeoutMs(), request.sessionTimeoutMs(), protocols());
    }

    /// A restarted static member takes the place of its former self under a new member id, which fences the
    /// former.
    private @Nullable Response takeOver(String oldId, String newId) {
        ClassicGroup group = draft.group;
        ClassicMember old = draft.failWaiters(group.memberOrFail(oldId), ErrorCode.FENCED_INSTANCE_ID);
        draft.stopSession(oldId);
        boolean wasLeader = group.isLeader(oldId);
        boolean pendedSync = group.pendingSyncs().containsKey(oldId);
        ClassicMember member = described(old.withId(newId));
        group = group.withoutMember(oldId).withMember(member);
        if (wasLeader) group = group.withLeader(newId);
        draft.group = group;
        draft.startSession(member);
        if (group.is(ClassicState.STABLE) && group.selectProtocol().equals(group.protocolName()))
            return takeOverQuietly(member, oldId, wasLeader, pendedSync);
        draft.group = group.withMember(member.withWaiters(waiter, 0));
        Rebalance.prepareOrComplete(draft);
        return null;
    }

    /// No rebalance: the member keeps its assignment. Before version 9 a leader could not be told that the
    /// assignment is made already, and is told the former leader's id, so that it does not make one.
    private Response takeOverQuietly(ClassicMember member, String oldId, boolean wasLeader, boolean pendedSync) {
        if (pendedSync) {
            List<String> pending = new ArrayList<>(draft.group.pendingSyncs().keySet());
            pending.add(member.memberId());
            draft.group = draft.group.withPendingSyncs(pending);
        }
        draft.save();
        ClassicGroup group = draft.group;
        if (client.apiVersion() < SKIP_ASSIGNMENT_VERSION) {
            String leader = wasLeader ? oldId : group.leaderId();
            return ClassicReplies.joined(group, member.memberId(), leader == null ? "" : leader, false);
        }
        return ClassicReplies.joined(group, member.memberId()).toBuilder()
                .skipAssignment(wasLeader)
                .build();
    }

    /// Version 0 has one timeout for both.
    private int rebalanceTimeoutMs() {
        return client.apiVersion() == 0 || request.rebalanceTimeoutMs() < 0
                ? request.sessionTimeoutMs()
                : request.rebalanceTimeoutMs();
    }

    private List<ClassicMember.Protocol> protocols() {
        List<ClassicMember.Protocol> protocols = new ArrayList<>();
        for (JoinGroupRequest.JoinGroupRequestProtocol protocol : request.protocols())
            protocols.add(new ClassicMember.Protocol(protocol.name(), protocol.metadata()));
        return protocols;
    }
}
