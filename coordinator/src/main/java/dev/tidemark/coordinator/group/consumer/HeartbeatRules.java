package dev.tidemark.coordinator.group.consumer;

import dev.tidemark.protocol.ErrorCode;
import dev.tidemark.protocol.message.ConsumerGroupHeartbeatRequest;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What a heartbeat must look like, and whether it comes from the member that it names. Each rule gives null
/// where all is well.
final class HeartbeatRules {
    static final int JOIN_EPOCH = 0;
    static final int LEAVE_EPOCH = -1;
    static final int LEAVE_STATIC_EPOCH = CurrentAssignment.STATIC_MEMBER_LEFT;

    /// From this version on the member chooses its id.
    private static final short MEMBER_ID_VERSION = 1;

    private HeartbeatRules() {}

    static @Nullable Refusal checkForm(ConsumerGroupHeartbeatRequest request, short version, List<String> assignors) {
        int epoch = request.memberEpoch();
        boolean needsId = version >= MEMBER_ID_VERSION || epoch > 0 || epoch == LEAVE_EPOCH;
        if (needsId && request.memberId().isBlank()) return invalid("MemberId can't be empty.");
        if (request.groupId().isBlank()) return invalid("GroupId can't be empty.");
        if (isBlank(request.instanceId())) return invalid("InstanceId can't be empty.");
        if (isBlank(request.rackId())) return invalid("RackId can't be empty.");
        if (epoch == JOIN_EPOCH) {
            Refusal refusal = checkJoin(request);
            if (refusal != null) return refusal;
        } else if (epoch == LEAVE_STATIC_EPOCH && request.instanceId() == null) {
            return invalid("InstanceId can't be null.");
        } else if (epoch < LEAVE_STATIC_EPOCH) {
            return invalid("MemberEpoch is invalid.");
        }
        String assignor = request.serverAssignor();
        if (assignor != null && !assignors.contains(assignor))
            return new Refusal(
                    ErrorCode.UNSUPPORTED_ASSIGNOR,
                    "ServerAssignor " + assignor + " is not supported. Supported assignors: "
                            + String.join(", ", assignors) + ".");
        return null;
    }

    private static @Nullable Refusal checkJoin(ConsumerGroupHeartbeatRequest request) {
        if (request.rebalanceTimeoutMs() == -1) return invalid("RebalanceTimeoutMs must be provided in first request.");
        if (request.topicPartitions() == null || !request.topicPartitions().isEmpty())
            return invalid("TopicPartitions must be empty when (re-)joining.");
        if (request.subscribedTopicNames() == null && request.subscribedTopicRegex() == null)
            return invalid("Either SubscribedTopicNames or SubscribedTopicRegex must be non-null when (re-)joining.");
        return null;
    }

    /// Not over a connection that the member has given up: what it sent over that one was held back on
    /// its way, and it has sent it again over a newer one since. Taken now, it would say that the member
    /// holds nothing of what it was given meanwhile, or even that it leaves, and others would get that
    /// while it works on it. Nobody waits for the answer; whoever does use two connections looks for the
    /// coordinator and tells all of itself again.
    static @Nullable Refusal checkConnection(ConsumerGroup group, String memberId, long connection) {
        if (connection >= group.soft().connection(memberId)) return null;
        return new Refusal(
                ErrorCode.NOT_COORDINATOR,
                "Member " + memberId + " has used a newer connection since this one was made.");
    }

    /// The member's epoch, or the one before where the member holds nothing that it should not: then the last
    /// answer got lost.
    static @Nullable Refusal checkEpoch(ConsumerMember member, int epoch, @Nullable Assignment owned) {
        if (epoch == JOIN_EPOCH || epoch == member.epoch()) return null;
        CurrentAssignment current = member.current();
        boolean isRetry = epoch == current.previousMemberEpoch()
                && epoch < member.epoch()
                && owned != null
                && current.assigned().containsAll(owned);
        if (isRetry) return null;
        return new Refusal(
                ErrorCode.FENCED_MEMBER_EPOCH,
                "The member's epoch " + epoch + " is not " + member.epoch()
                        + ", which the coordinator knows. The member must give up its partitions and join again.");
    }

    static @Nullable Refusal checkRegex(@Nullable String regex) {
        if (regex == null || regex.isEmpty()) return null;
        String problem = RegexResolution.check(regex);
        if (problem == null) return null;
        return new Refusal(
                ErrorCode.INVALID_REGULAR_EXPRESSION,
                "SubscribedTopicRegex `" + regex + "` is not a valid regular expression: " + problem + ".");
    }

    static Refusal unknownMember(String memberId) {
        return new Refusal(ErrorCode.UNKNOWN_MEMBER_ID, "Member " + memberId + " is not in the group.");
    }

    static Refusal unknownInstance(String instanceId) {
        return new Refusal(ErrorCode.UNKNOWN_MEMBER_ID, "Instance id " + instanceId + " is unknown.");
    }

    private static Refusal invalid(String message) {
        return new Refusal(ErrorCode.INVALID_REQUEST, message);
    }

    private static boolean isBlank(@Nullable String value) {
        return value != null && value.isBlank();
    }
}
