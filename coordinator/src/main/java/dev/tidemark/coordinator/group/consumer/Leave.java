package dev.tidemark.coordinator.group.consumer;

import dev.tidemark.coordinator.group.GroupFact;
import dev.tidemark.coordinator.group.GroupInput;
import dev.tidemark.protocol.ErrorCode;
import dev.tidemark.protocol.message.ConsumerGroupHeartbeatRequest;
import dev.tidemark.protocol.message.ConsumerGroupHeartbeatResponse;
import dev.tidemark.protocol.message.LeaveGroupRequest;
import dev.tidemark.protocol.message.LeaveGroupResponse;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Members of a consumer group that go.
final class Leave {
    private static final short BATCH_VERSION = 3;

    private Leave() {}

    /// By a heartbeat with epoch -1, or -2: a static member that will be back, whose partitions are kept for it
    /// until its session ends.
    static ConsumerGroupHeartbeatResponse leave(ConsumerDraft draft, ConsumerGroupHeartbeatRequest request) {
        ConsumerMember member;
        String instanceId = request.instanceId();
        if (instanceId == null) {
            member = draft.group.member(request.memberId());
            if (member == null)
                return HeartbeatRules.unknownMember(request.memberId()).toResponse();
        } else {
            member = draft.group.staticMember(instanceId);
            if (member == null)
                return HeartbeatRules.unknownInstance(instanceId).toResponse();
            if (!member.memberId().equals(request.memberId()))
                return StaticMembers.fenced(request.memberId(), instanceId, member.memberId())
                        .toResponse();
        }
        if (request.memberEpoch() == HeartbeatRules.LEAVE_STATIC_EPOCH) pause(draft, member);
        else expel(draft, member.memberId());
        return ConsumerGroupHeartbeatResponse.builder()
                .memberId(member.memberId())
                .memberEpoch(request.memberEpoch())
                .build();
    }

    private static void pause(ConsumerDraft draft, ConsumerMember member) {
        CurrentAssignment current = member.current();
        draft.plan.cancelTimer(ConsumerDraft.revocationTimer(member.memberId()));
        draft.add(new GroupFact.CurrentSet(
                member.memberId(),
                new CurrentAssignment(
                        current.state(),
                        HeartbeatRules.LEAVE_STATIC_EPOCH,
                        current.previousMemberEpoch(),
                        current.assigned(),
                        EpochedPartitions.NONE)));
    }

    /// The member is out, and the others share what it had. Where only members of the classic protocol are left,
    /// the group becomes theirs.
    static void expel(ConsumerDraft draft, String memberId) {
        ConsumerMember member = draft.group.member(memberId);
        if (member == null) return;
        draft.remove(member);
        afterRemoval(draft);
    }

    private static void afterRemoval(ConsumerDraft draft) {
        if (Migration.mayDowngrade(draft)) Migration.downgrade(draft);
        else draft.refreshEpoch(true);
    }

    /// By LeaveGroup: members of the classic protocol, or any static member by its instance id, which is how an
    /// administrator removes it.
    static LeaveGroupResponse classicLeave(ConsumerDraft draft, GroupInput.Leave leave) {
        LeaveGroupRequest request = leave.request();
        if (leave.client().apiVersion() < BATCH_VERSION) {
            ErrorCode error = remove(draft, request.memberId(), null);
            if (error == ErrorCode.NONE) afterRemoval(draft);
            return LeaveGroupResponse.builder().errorCode(error).build();
        }
        boolean someoneLeft = false;
        List<LeaveGroupResponse.MemberResponse> members = new ArrayList<>();
        for (LeaveGroupRequest.MemberIdentity one : request.members()) {
            ErrorCode error = remove(draft, one.memberId(), one.groupInstanceId());
            someoneLeft |= error == ErrorCode.NONE;
            members.add(LeaveGroupResponse.MemberResponse.builder()
                    .memberId(one.memberId())
                    .groupInstanceId(one.groupInstanceId())
                    .errorCode(error)
                    .build());
        }
        if (someoneLeft) afterRemoval(draft);
        return LeaveGroupResponse.builder().members(members).build();
    }

    private static ErrorCode remove(ConsumerDraft draft, String memberId, @Nullable String instanceId) {
        ConsumerMember member =
                instanceId == null ? draft.group.member(memberId) : draft.group.staticMember(instanceId);
        if (member == null) return ErrorCode.UNKNOWN_MEMBER_ID;
        if (!memberId.isEmpty()) {
            if (!member.memberId().equals(memberId)) return ErrorCode.FENCED_INSTANCE_ID;
            if (!member.isClassic()) return ErrorCode.UNKNOWN_MEMBER_ID;
        }
        draft.remove(member);
        return ErrorCode.NONE;
    }
}
