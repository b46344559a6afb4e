package dev.tidemark.coordinator.group;

import dev.tidemark.protocol.message.JoinGroupRequest;
import org.jspecify.annotations.Nullable;

/// What ids may look like, and how much a member may say: Kafka has no limits here, but whatever comes in is kept
/// in memory, written to the log and printed.
final class GroupIds {
    private static final int ID_LENGTH_MAX = 4096;
    private static final int PROTOCOL_BYTES_MAX = 1024 * 1024;

    private GroupIds() {}

    /// For a group that may be made by the request.
    static boolean isValid(String groupId) {
        return !groupId.isEmpty() && isValidText(groupId);
    }

    /// No control characters, no ends of lines, not too long. Null is fine.
    static boolean isValidText(@Nullable String id) {
        if (id == null) return true;
        if (id.length() > ID_LENGTH_MAX) return false;
        for (int i = 0; i < id.length(); i++) if (Character.isISOControl(id.charAt(i))) return false;
        return true;
    }

    static boolean fits(JoinGroupRequest request) {
        long bytes = 0;
        for (JoinGroupRequest.JoinGroupRequestProtocol protocol : request.protocols())
            bytes += protocol.metadata().size() + protocol.name().length();
        return bytes <= PROTOCOL_BYTES_MAX
                && isValidText(request.memberId())
                && isValidText(request.groupInstanceId())
                && isValidText(request.protocolType());
    }
}
