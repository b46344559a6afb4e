package dev.tidemark.coordinator.group.consumer;

import dev.tidemark.coordinator.group.ClientContext;
import dev.tidemark.coordinator.group.offsets.OffsetCommit;
import dev.tidemark.protocol.ErrorCode;
import dev.tidemark.protocol.message.OffsetCommitRequest;
import dev.tidemark.protocol.message.OffsetFetchRequest;

/// What a consumer group says of who may commit and fetch offsets.
public final class ConsumerOffsets {
    /// From this version on a client knows what STALE_MEMBER_EPOCH means.
    private static final short MEMBER_EPOCH_VERSION = 9;

    private ConsumerOffsets() {}

    public static ErrorCode checkCommit(ConsumerGroup group, ClientContext client, OffsetCommitRequest request) {
        int epoch = request.generationIdOrMemberEpoch();
        if (epoch < 0 && group.members().isEmpty()) return ErrorCode.NONE;
        if (epoch < 0 && request.memberId().isEmpty()) return ErrorCode.UNKNOWN_MEMBER_ID;
        String instanceId = request.groupInstanceId();
        ConsumerMember member = group.member(request.memberId());
        if (instanceId != null) {
            ConsumerMember holder = group.staticMember(instanceId);
            if (holder == null) return ErrorCode.UNKNOWN_MEMBER_ID;
            if (!holder.memberId().equals(request.memberId())) return ErrorCode.FENCED_INSTANCE_ID;
        }
        if (member == null) return ErrorCode.UNKNOWN_MEMBER_ID;
        if (member.isClassic()) return epoch == member.epoch() ? ErrorCode.NONE : ErrorCode.ILLEGAL_GENERATION;
        if (client.apiVersion() < MEMBER_EPOCH_VERSION) return ErrorCode.UNSUPPORTED_VERSION;
        return epoch > member.epoch() ? ErrorCode.STALE_MEMBER_EPOCH : ErrorCode.NONE;
    }

    /// A commit in an older epoch is good for the partitions that the member has had ever since then (KIP-1251):
    /// nobody else can have consumed them.
    public static OffsetCommit.Gate gate(ConsumerGroup group, OffsetCommitRequest request) {
        ConsumerMember member = group.member(request.memberId());
        int epoch = request.generationIdOrMemberEpoch();
        if (member == null || member.isClassic() || epoch == member.epoch()) return (_, _) -> ErrorCode.NONE;
        return (topicId, partition) -> {
            CurrentAssignment current = member.current();
            Integer since = current.assigned().epoch(topicId, partition);
            if (since == null) since = current.pendingRevocation().epoch(topicId, partition);
            return since != null && epoch >= since ? ErrorCode.NONE : ErrorCode.STALE_MEMBER_EPOCH;
        };
    }

    public static ErrorCode checkFetch(ConsumerGroup group, OffsetFetchRequest.OffsetFetchRequestGroup request) {
        String memberId = request.memberId();
        boolean isAnonymous = memberId == null || memberId.isEmpty();
        if (isAnonymous && request.memberEpoch() < 0) return ErrorCode.NONE;
        ConsumerMember member = isAnonymous ? null : group.member(memberId);
        if (member == null) return ErrorCode.UNKNOWN_MEMBER_ID;
        if (member.epoch() == request.memberEpoch()) return ErrorCode.NONE;
        return member.isClassic() ? ErrorCode.ILLEGAL_GENERATION : ErrorCode.STALE_MEMBER_EPOCH;
    }
}
