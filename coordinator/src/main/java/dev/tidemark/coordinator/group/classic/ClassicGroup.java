package dev.tidemark.coordinator.group.classic;

import dev.tidemark.base.Check;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.pcollections.HashTreePMap;
import org.pcollections.PMap;
import org.pcollections.PSortedMap;
import org.pcollections.TreePMap;

/// The immutable state of a classic group; each `with…` gives the next one.
///
/// @param stateSinceMs wall clock of the last change of state, for offset expiry
/// @param protocolType null until the first member comes
/// @param protocolName the strategy of this generation; null when empty
/// @param members by member id
/// @param staticMembers member id by group.instance.id
/// @param pendingJoins member ids that were given out and have not joined yet, with their session timeouts
/// @param pendingSyncs members of this generation that have not asked for their assignment yet
/// @param joinedWhileWaiting someone new joined since the initial delay last began
/// @param isInitialDelay the first rebalance waits for more members
public record ClassicGroup(
        ClassicState state,
        long stateSinceMs,
        @Nullable String protocolType,
        @Nullable String protocolName,
        @Nullable String leaderId,
        int generationId,
        PSortedMap<String, ClassicMember> members,
        PMap<String, String> staticMembers,
        PSortedMap<String, Integer> pendingJoins,
        PSortedMap<String, Integer> pendingSyncs,
        boolean joinedWhileWaiting,
        boolean isInitialDelay) {

    public static final String CONSUMER_PROTOCOL_TYPE = "consumer";

    /// A group that nobody has joined.
    public static ClassicGroup empty(long nowMs) {
        return new ClassicGroup(
                ClassicState.EMPTY,
                nowMs,
                null,
                null,
                null,
                0,
                TreePMap.empty(),
                HashTreePMap.empty(),
                TreePMap.empty(),
                TreePMap.empty(),
                false,
                false);
    }

    /// As the log has it: stable, or without members.
    public static ClassicGroup loaded(
            long stateSinceMs,
            String protocolType,
            @Nullable String protocolName,
            @Nullable String leaderId,
            int generationId,
            PSortedMap<String, ClassicMember> members,
            PMap<String, String> staticMembers) {
        return new ClassicGroup(
                members.isEmpty() ? ClassicState.EMPTY : ClassicState.STABLE,
                stateSinceMs,
                protocolType.isEmpty() ? null : protocolType,
                protocolName,
                leaderId,
                generationId,
                members,
                staticMembers,
                TreePMap.empty(),
                TreePMap.empty(),
                false,
                false);
    }

    /// A stable group of consumers in generation `generationId`; the first member leads.
    public static ClassicGroup ofMembers(
            PSortedMap<String, ClassicMember> members,
            PMap<String, String> staticMembers,
            int generationId,
            long nowMs) {
        ClassicGroup group = new ClassicGroup(
                ClassicState.STABLE,
                nowMs,
                CONSUMER_PROTOCOL_TYPE,
                null,
                members.firstKey(),
                generationId,
                members,
                staticMembers,
                TreePMap.empty(),
                TreePMap.empty(),
                false,
                false);
        return group.withGeneration(generationId, group.selectProtocol());
    }

    public boolean is(ClassicState other) {
        return state == other;
    }

    public @Nullable ClassicMember member(String memberId) {
        return members.get(memberId);
    }

    ClassicMember memberOrFail(String memberId) {
        ClassicMember member = members.get(memberId);
        Check.that(member != null, "no member %s", memberId);
        return member;
    }

    public @Nullable String staticMemberId(String instanceId) {
        return staticMembers.get(instanceId);
    }

    public boolean isLeader(String memberId) {
        return memberId.equals(leaderId);
    }

    /// Whether the group is one of consumers (and not, say, of Connect workers).
    public boolean usesConsumerProtocolType() {
        return CONSUMER_PROTOCOL_TYPE.equals(protocolType);
    }

    int awaitingJoin() {
        int count = 0;
        for (ClassicMember member : members.values()) if (member.awaitsJoin()) count++;
        return count;
    }

    boolean allHaveJoined() {
        if (!pendingJoins.isEmpty()) return false;
        for (ClassicMember member : members.values()) if (!member.awaitsJoin()) return false;
        return true;
    }

    int rebalanceTimeoutMs() {
        int max = 0;
        for (ClassicMember member : members.values()) max = Math.max(max, member.rebalanceTimeoutMs());
        return max;
    }

    /// Whether a member with these protocols fits in with those who are there.
    boolean supports(String type, List<ClassicMember.Protocol> protocols) {
        if (type.isEmpty() || protocols.isEmpty()) return false;
        if (members.isEmpty()) return true;
        if (!type.equals(protocolType)) return false;
        for (ClassicMember.Protocol protocol : protocols) if (allSupport(protocol.name())) return true;
        return false;
    }

    private boolean allSupport(String protocol) {
        for (ClassicMember member : members.values()) if (!member.supports(protocol)) return false;
        return true;
    }

    /// The strategy that all members support and most of them like best; among equals the one first voted for.
    String selectProtocol() {
        Map<String, Integer> votes = new LinkedHashMap<>();
        for (ClassicMember member : members.values()) {
            for (ClassicMember.Protocol protocol : member.protocols()) {
                if (!allSupport(protocol.name())) continue;
                votes.merge(protocol.name(), 1, Integer::sum);
                break;
            }
        }
        String best = null;
        int most = 0;
        for (Map.Entry<String, Integer> vote : votes.entrySet()) {
            if (vote.getValue() > most) {
                best = vote.getKey();
                most = vote.getValue();
            }
        }
        Check.that(best != null, "no protocol that all members support");
        return best;
    }

    ClassicGroup withState(ClassicState next, long nowMs) {
        return new ClassicGroup(
                next,
                nowMs,
                protocolType,
                protocolName,
                leaderId,
                generationId,
                members,
                staticMembers,
                pendingJoins,
                pendingSyncs,
                joinedWhileWaiting,
                isInitialDelay);
    }

    /// The next generation: with a protocol, or empty where `protocol` is null.
    ClassicGroup withGeneration(int generation, @Nullable String protocol) {
        return new ClassicGroup(
                state,
                stateSinceMs,
                protocolType,
                protocol,
                leaderId,
                generation,
                members,
                staticMembers,
                pendingJoins,
                pendingSyncs,
                false,
                false);
    }

    ClassicGroup withLeader(@Nullable String newLeaderId) {
        return new ClassicGroup(
                state,
                stateSinceMs,
                protocolType,
                protocolName,
                newLeaderId,
                generationId,
                members,
                staticMembers,
                pendingJoins,
                pendingSyncs,
                joinedWhileWaiting,
                isInitialDelay);
    }

    ClassicGroup withProtocolType(String type) {
        return new ClassicGroup(
                state,
                stateSinceMs,
                type,
                protocolName,
                leaderId,
                generationId,
                members,
                staticMembers,
                pendingJoins,
                pendingSyncs,
                joinedWhileWaiting,
                isInitialDelay);
    }

    /// Adds or replaces a member; a new static one takes its instance id.
    ClassicGroup withMember(ClassicMember member) {
        return withMembers(
                members.plus(member.memberId(), member),
                member.instanceId() == null
                        ? staticMembers
                        : staticMembers.plus(member.instanceId(), member.memberId()));
    }

    ClassicGroup withoutMember(String memberId) {
        ClassicMember member = members.get(memberId);
        if (member == null) return this;
        PMap<String, String> statics = staticMembers;
        if (member.instanceId() != null && memberId.equals(statics.get(member.instanceId())))
            statics = statics.minus(member.instanceId());
        return withMembers(members.minus(memberId), statics).withoutPendingSync(memberId);
    }

    private ClassicGroup withMembers(PSortedMap<String, ClassicMember> newMembers, PMap<String, String> newStatics) {
        return new ClassicGroup(
                state,
                stateSinceMs,
                protocolType,
                protocolName,
                leaderId,
                generationId,
                newMembers,
                newStatics,
                pendingJoins,
                pendingSyncs,
                joinedWhileWaiting,
                isInitialDelay);
    }

    ClassicGroup withPendingJoin(String memberId, int sessionTimeoutMs) {
        return withPending(pendingJoins.plus(memberId, sessionTimeoutMs), pendingSyncs);
    }

    ClassicGroup withoutPendingJoin(String memberId) {
        return withPending(pendingJoins.minus(memberId), pendingSyncs);
    }

    ClassicGroup withPendingSyncs(Collection<String> memberIds) {
        PSortedMap<String, Integer> pending = TreePMap.empty();
        for (String memberId : memberIds) pending = pending.plus(memberId, 0);
        return withPending(pendingJoins, pending);
    }

    ClassicGroup withoutPendingSync(String memberId) {
        return withPending(pendingJoins, pendingSyncs.minus(memberId));
    }

    private ClassicGroup withPending(PSortedMap<String, Integer> joins, PSortedMap<String, Integer> syncs) {
        return new ClassicGroup(
                state,
                stateSinceMs,
                protocolType,
                protocolName,
                leaderId,
                generationId,
                members,
                staticMembers,
                joins,
                syncs,
                joinedWhileWaiting,
                isInitialDelay);
    }

    ClassicGroup withInitialDelay(boolean delays, boolean someoneNew) {
        return new ClassicGroup(
                state,
                stateSinceMs,
                protocolType,
                protocolName,
                leaderId,
                generationId,
                members,
                staticMembers,
                pendingJoins,
                pendingSyncs,
                someoneNew,
                delays);
    }

    /// All members, changed by `change`; one that it gives back as it is stays.
    @SuppressWarnings("ReferenceEquality")
    ClassicGroup mapMembers(java.util.function.UnaryOperator<ClassicMember> change) {
        PSortedMap<String, ClassicMember> next = members;
        for (ClassicMember member : new ArrayList<>(members.values())) {
            ClassicMember changed = change.apply(member);
            if (changed != member) next = next.plus(member.memberId(), changed);
        }
        return withMembers(next, staticMembers);
    }

    /// What the log keeps of the group: who waits for what is soft.
    public ClassicGroup durable() {
        return mapMembers(member -> member.withWaiters(0, 0).known().withOnly(protocolName))
                .withPending(TreePMap.empty(), TreePMap.empty())
                .withInitialDelay(false, false);
    }
}
