package dev.tidemark.coordinator.group.classic;

import dev.tidemark.base.Bytes;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A member of a classic group. Times in milliseconds.
///
/// @param protocols in the member's order of preference
/// @param assignment what the leader gave it in this generation
/// @param joinWaiter the JoinGroup call that waits for the generation to begin; 0 for none
/// @param syncWaiter the SyncGroup call that waits for the leader's assignment; 0 for none
/// @param isNew has not yet been told the member id that it got: its JoinGroup waits, and it cannot heartbeat
public record ClassicMember(
        String memberId,
        @Nullable String instanceId,
        String clientId,
        String clientHost,
        int rebalanceTimeoutMs,
        int sessionTimeoutMs,
        List<Protocol> protocols,
        Bytes assignment,
        long joinWaiter,
        long syncWaiter,
        boolean isNew) {

    /// One assignment strategy and what the member says for it.
    public record Protocol(String name, Bytes metadata) {}

    public ClassicMember {
        protocols = List.copyOf(protocols);
    }

    public boolean isStatic() {
        return instanceId != null;
    }

    public boolean awaitsJoin() {
        return joinWaiter != 0;
    }

    public boolean awaitsSync() {
        return syncWaiter != 0;
    }

    boolean supports(String protocol) {
        for (Protocol one : protocols) if (one.name().equals(protocol)) return true;
        return false;
    }

    /// What the member says for `protocol`; empty if it does not support it.
    public Bytes metadata(@Nullable String protocol) {
        for (Protocol one : protocols) if (one.name().equals(protocol)) return one.metadata();
        return Bytes.EMPTY;
    }

    ClassicMember withId(String newId) {
        return new ClassicMember(
                newId,
                instanceId,
                clientId,
                clientHost,
                rebalanceTimeoutMs,
                sessionTimeoutMs,
                protocols,
                assignment,
                joinWaiter,
                syncWaiter,
                isNew);
    }

    /// As JoinGroup describes the member anew.
    ClassicMember withSubscription(
            String newClientId,
            String newClientHost,
            int newRebalanceMs,
            int newSessionMs,
            List<Protocol> newProtocols) {
        return new ClassicMember(
                memberId,
                instanceId,
                newClientId,
                newClientHost,
                newRebalanceMs,
                newSessionMs,
                newProtocols,
                assignment,
                joinWaiter,
                syncWaiter,
                isNew);
    }

    /// The log keeps what the member says for the chosen protocol only.
    ClassicMember withOnly(@Nullable String protocol) {
        List<Protocol> only = protocol == null ? List.of() : List.of(new Protocol(protocol, metadata(protocol)));
        return withSubscription(clientId, clientHost, rebalanceTimeoutMs, sessionTimeoutMs, only);
    }

    ClassicMember withAssignment(Bytes newAssignment) {
        return new ClassicMember(
                memberId,
                instanceId,
                clientId,
                clientHost,
                rebalanceTimeoutMs,
                sessionTimeoutMs,
                protocols,
                newAssignment,
                joinWaiter,
                syncWaiter,
                isNew);
    }

    ClassicMember withWaiters(long newJoinWaiter, long newSyncWaiter) {
        return new ClassicMember(
                memberId,
                instanceId,
                clientId,
                clientHost,
                rebalanceTimeoutMs,
                sessionTimeoutMs,
                protocols,
                assignment,
                newJoinWaiter,
                newSyncWaiter,
                isNew);
    }

    ClassicMember known() {
        return new ClassicMember(
                memberId,
                instanceId,
                clientId,
                clientHost,
                rebalanceTimeoutMs,
                sessionTimeoutMs,
                protocols,
                assignment,
                joinWaiter,
                syncWaiter,
                false);
    }
}
