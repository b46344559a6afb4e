package dev.tidemark.coordinator.group.classic;

import dev.tidemark.coordinator.group.GroupInput;
import dev.tidemark.protocol.ErrorCode;
import dev.tidemark.protocol.message.LeaveGroupRequest;
import dev.tidemark.protocol.message.LeaveGroupResponse;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Members that go: by LeaveGroup, one or many, or because nothing was heard of them.
final class Leaving {
    private static final short BATCH_VERSION = 3;

    private Leaving() {}

    static LeaveGroupResponse leave(ClassicDraft draft, GroupInput.Leave leave) {
        LeaveGroupRequest request = leave.request();
        boolean isBatch = leave.client().apiVersion() >= BATCH_VERSION;
        int before = draft.group.members().size();
        if (!isBatch) {
            ErrorCode error = leave(draft, request.memberId(), null);
            goOn(draft, before);
            return LeaveGroupResponse.builder().errorCode(error).build();
        }
        List<LeaveGroupResponse.MemberResponse> members = new ArrayList<>();
        for (LeaveGroupRequest.MemberIdentity member : request.members()) {
            ErrorCode error = leave(draft, member.memberId(), member.groupInstanceId());
            members.add(LeaveGroupResponse.MemberResponse.builder()
                    .memberId(member.memberId())
                    .groupInstanceId(member.groupInstanceId())
                    .errorCode(error)
                    .build());
        }
        goOn(draft, before);
        return LeaveGroupResponse.builder().members(members).build();
    }

    /// Who had got a member id only held nothing: the others need not share anew, but may have waited for it to join.
    private static void goOn(ClassicDraft draft, int membersBefore) {
        if (draft.group.members().size() < membersBefore) Rebalance.onMemberGone(draft);
        else Rebalance.completeIfAllJoined(draft);
    }

    /// A static member may be named by its instance id alone, which is how an administrator removes it.
    private static ErrorCode leave(ClassicDraft draft, String memberId, @Nullable String instanceId) {
        ClassicGroup group = draft.group;
        String leaving = memberId;
        if (memberId.isEmpty() && instanceId != null) {
            String holder = group.staticMemberId(instanceId);
            if (holder == null) return ErrorCode.UNKNOWN_MEMBER_ID;
            leaving = holder;
        }
        if (group.pendingJoins().containsKey(leaving)) {
            if (instanceId != null) return ErrorCode.UNKNOWN_MEMBER_ID;
            draft.stopSession(leaving);
            draft.group = group.withoutPendingJoin(leaving);
            return ErrorCode.NONE;
        }
        ErrorCode error = Membership.check(group, leaving, instanceId);
        if (error != ErrorCode.NONE) return error;
        remove(draft, group.memberOrFail(leaving));
        return ErrorCode.NONE;
    }

    private static void remove(ClassicDraft draft, ClassicMember member) {
        draft.failWaiters(member, ErrorCode.UNKNOWN_MEMBER_ID);
        draft.stopSession(member.memberId());
        draft.group = draft.group.withoutMember(member.memberId());
    }

    static void onSessionExpired(ClassicDraft draft, String memberId) {
        ClassicGroup group = draft.group;
        if (group.pendingJoins().containsKey(memberId)) {
            draft.group = group.withoutPendingJoin(memberId);
            Rebalance.completeIfAllJoined(draft);
            return;
        }
        ClassicMember member = group.member(memberId);
        if (member == null) return;
        // Who waits for us cannot heartbeat; its timer starts again with the answer. A new member may have gone unseen.
        boolean waits = member.awaitsJoin() || member.awaitsSync();
        if (waits && !member.isNew()) return;
        remove(draft, member);
        Rebalance.onMemberGone(draft);
    }
}
