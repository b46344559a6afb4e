package dev.tidemark.coordinator.group.classic;

import dev.tidemark.protocol.ErrorCode;
import org.jspecify.annotations.Nullable;

/// Whether someone is the member that it says it is.
public final class Membership {
    private Membership() {}

    public static ErrorCode check(ClassicGroup group, String memberId, @Nullable String instanceId) {
        if (instanceId != null) {
            String holder = group.staticMemberId(instanceId);
            if (holder == null) return ErrorCode.UNKNOWN_MEMBER_ID;
            if (!holder.equals(memberId)) return ErrorCode.FENCED_INSTANCE_ID;
        }
        return group.member(memberId) == null ? ErrorCode.UNKNOWN_MEMBER_ID : ErrorCode.NONE;
    }

    /// The member, in this generation.
    static ErrorCode check(ClassicGroup group, String memberId, @Nullable String instanceId, int generationId) {
        ErrorCode error = check(group, memberId, instanceId);
        if (error != ErrorCode.NONE) return error;
        return generationId == group.generationId() ? ErrorCode.NONE : ErrorCode.ILLEGAL_GENERATION;
    }
}
