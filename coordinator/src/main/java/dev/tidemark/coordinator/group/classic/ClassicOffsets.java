package dev.tidemark.coordinator.group.classic;

import dev.tidemark.coordinator.group.consumer.EmbeddedProtocol;
import dev.tidemark.protocol.ErrorCode;
import dev.tidemark.protocol.message.OffsetCommitRequest;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// What a classic group says of who may commit, and of which topics it needs the offsets.
public final class ClassicOffsets {
    private ClassicOffsets() {}

    /// A member of this generation, or, while the group has no members, anybody who does not claim to be one.
    ///
    /// @param inTransaction the producer commits for the member: it has no answer for a rebalance, and need not
    ///     know, as the generation tells whether the member may commit
    public static ErrorCode checkCommit(ClassicGroup group, OffsetCommitRequest request, boolean inTransaction) {
        int generationId = request.generationIdOrMemberEpoch();
        if (generationId < 0 && group.is(ClassicState.EMPTY)) return ErrorCode.NONE;
        boolean claimsMembership =
                generationId >= 0 || !request.memberId().isEmpty() || request.groupInstanceId() != null;
        if (!claimsMembership) return ErrorCode.UNKNOWN_MEMBER_ID;
        ErrorCode error = Membership.check(group, request.memberId(), request.groupInstanceId(), generationId);
        if (error != ErrorCode.NONE) return error;
        // The member knows the generation from JoinGroup, but not yet what it gets: it shall rejoin in order.
        boolean mustWait = !inTransaction && group.is(ClassicState.COMPLETING_REBALANCE);
        return mustWait ? ErrorCode.REBALANCE_IN_PROGRESS : ErrorCode.NONE;
    }

    /// The topics that members subscribe to; null where nobody can tell: then all of them may be.
    public static @Nullable Set<String> subscribedTopics(ClassicGroup group) {
        if (group.members().isEmpty()) return Set.of();
        if (!group.usesConsumerProtocolType()) return null;
        Set<String> topics = new TreeSet<>();
        for (ClassicMember member : group.members().values()) {
            for (ClassicMember.Protocol protocol : member.protocols()) {
                EmbeddedProtocol.Joined joined = EmbeddedProtocol.readSubscription(protocol.metadata());
                if (joined == null) return null;
                topics.addAll(joined.subscription().topics());
            }
        }
        return topics;
    }
}
