package dev.tidemark.coordinator.group.classic;

import dev.tidemark.base.Bytes;
import dev.tidemark.protocol.ErrorCode;
import dev.tidemark.protocol.message.HeartbeatResponse;
import dev.tidemark.protocol.message.JoinGroupResponse;
import dev.tidemark.protocol.message.SyncGroupResponse;
import java.util.ArrayList;
import java.util.List;

/// The answers of the classic protocol.
public final class ClassicReplies {
    private ClassicReplies() {}

    public static JoinGroupResponse joinError(ErrorCode error, String memberId) {
        return JoinGroupResponse.builder().errorCode(error).memberId(memberId).build();
    }

    public static SyncGroupResponse syncError(ErrorCode error) {
        return SyncGroupResponse.builder().errorCode(error).build();
    }

    public static HeartbeatResponse heartbeat(ErrorCode error) {
        return HeartbeatResponse.builder().errorCode(error).build();
    }

    /// The group's generation as `memberId` gets to know it: the leader hears of all members.
    static JoinGroupResponse joined(ClassicGroup group, String memberId) {
        return joined(group, memberId, group.leaderId() == null ? "" : group.leaderId(), group.isLeader(memberId));
    }

    static JoinGroupResponse joined(ClassicGroup group, String memberId, String leaderId, boolean withMembers) {
        return JoinGroupResponse.builder()
                .generationId(group.generationId())
                .protocolType(group.protocolType())
                .protocolName(group.protocolName())
                .leader(leaderId)
                .memberId(memberId)
                .members(withMembers ? members(group) : List.of())
                .build();
    }

    private static List<JoinGroupResponse.JoinGroupResponseMember> members(ClassicGroup group) {
        List<JoinGroupResponse.JoinGroupResponseMember> members = new ArrayList<>();
        for (ClassicMember member : group.members().values()) {
            members.add(JoinGroupResponse.JoinGroupResponseMember.builder()
                    .memberId(member.memberId())
                    .groupInstanceId(member.instanceId())
                    .metadata(member.metadata(group.protocolName()))
                    .build());
        }
        return members;
    }

    static SyncGroupResponse synced(ClassicGroup group, Bytes assignment) {
        return SyncGroupResponse.builder()
                .protocolType(group.protocolType())
                .protocolName(group.protocolName())
                .assignment(assignment)
                .build();
    }
}
