package dev.tidemark.coordinator.group;

import dev.tidemark.coordinator.group.classic.ClassicDescription;
import dev.tidemark.coordinator.group.classic.ClassicGroup;
import dev.tidemark.coordinator.group.consumer.ConsumerDescription;
import dev.tidemark.coordinator.group.consumer.ConsumerEnv;
import dev.tidemark.coordinator.group.consumer.ConsumerGroup;
import dev.tidemark.coordinator.group.offsets.OffsetDelete;
import dev.tidemark.coordinator.runtime.Decision;
import dev.tidemark.protocol.ErrorCode;
import dev.tidemark.protocol.message.ConsumerGroupDescribeResponse;
import dev.tidemark.protocol.message.DeleteGroupsResponse;
import dev.tidemark.protocol.message.DescribeGroupsResponse;
import dev.tidemark.protocol.message.ListGroupsRequest;
import dev.tidemark.protocol.message.ListGroupsResponse;
import dev.tidemark.protocol.message.Response;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// What administrators ask.
final class GroupAdmin {
    private static final short NOT_FOUND_VERSION = 6;
    private static final String DEAD = "Dead";

    private GroupAdmin() {}

    static DescribeGroupsResponse describe(@Nullable GroupEntry entry, String groupId, short apiVersion) {
        ClassicGroup classic = entry == null ? null : entry.classic();
        DescribeGroupsResponse.DescribedGroup described;
        if (classic != null) described = ClassicDescription.describe(groupId, classic);
        else if (entry != null && entry.group() == null)
            described = DescribeGroupsResponse.DescribedGroup.builder()
                    .groupId(groupId)
                    .groupState(Group.stateLabel(null))
                    .build();
        else described = notClassic(entry, groupId, apiVersion);
        return DescribeGroupsResponse.builder().groups(List.of(described)).build();
    }

    /// Before version 6 a group that is not there was told as dead, without an error.
    private static DescribeGroupsResponse.DescribedGroup notClassic(
            @Nullable GroupEntry entry, String groupId, short apiVersion) {
        DescribeGroupsResponse.DescribedGroup.Builder dead =
                DescribeGroupsResponse.DescribedGroup.builder().groupId(groupId).groupState(DEAD);
        if (apiVersion < NOT_FOUND_VERSION) return dead.build();
        String what = entry == null ? " not found." : " is not a classic group.";
        return dead.errorCode(ErrorCode.GROUP_ID_NOT_FOUND)
                .errorMessage("Group " + groupId + what)
                .build();
    }

    static DescribeGroupsResponse.DescribedGroup describeError(String groupId, ErrorCode error) {
        return DescribeGroupsResponse.DescribedGroup.builder()
                .groupId(groupId)
                .errorCode(error)
                .build();
    }

    static ConsumerGroupDescribeResponse describeConsumer(@Nullable GroupEntry entry, ConsumerEnv env) {
        ConsumerGroup consumer = entry == null ? null : entry.consumer();
        if (consumer != null)
            return ConsumerGroupDescribeResponse.builder()
                    .groups(List.of(ConsumerDescription.describe(consumer, env)))
                    .build();
        String what = entry == null ? " not found." : " is not a consumer group.";
        return ConsumerGroupDescribeResponse.builder()
                .groups(List.of(describeConsumerError(
                        env.groupId(), ErrorCode.GROUP_ID_NOT_FOUND, "Group " + env.groupId() + what)))
                .build();
    }

    static ConsumerGroupDescribeResponse.DescribedGroup describeConsumerError(
            String groupId, ErrorCode error, @Nullable String message) {
        return ConsumerGroupDescribeResponse.DescribedGroup.builder()
                .groupId(groupId)
                .errorCode(error)
                .errorMessage(message)
                .build();
    }

    static Decision<GroupInput, GroupFact, Response> delete(@Nullable GroupEntry entry, ConsumerEnv env) {
        if (entry == null) return Plan.answer(deleted(env.groupId(), ErrorCode.GROUP_ID_NOT_FOUND));
        if (!Group.isEmpty(entry.group())) return Plan.answer(deleted(env.groupId(), ErrorCode.NON_EMPTY_GROUP));
        Plan plan = new Plan();
        OffsetDelete.deleteAll(plan, entry.offsets());
        OffsetRequests.forget(plan, entry.group(), env);
        return plan.decide(deleted(env.groupId(), ErrorCode.NONE));
    }

    private static DeleteGroupsResponse deleted(String groupId, ErrorCode error) {
        return DeleteGroupsResponse.builder()
                .results(List.of(deleteResult(groupId, error)))
                .build();
    }

    static DeleteGroupsResponse.DeletableGroupResult deleteResult(String groupId, ErrorCode error) {
        return DeleteGroupsResponse.DeletableGroupResult.builder()
                .groupId(groupId)
                .errorCode(error)
                .build();
    }

    /// The group where it passes the filters, which are blind to case; an empty one lets all pass.
    static ListGroupsResponse.@Nullable ListedGroup list(String groupId, GroupEntry entry, ListGroupsRequest request) {
        String state = Group.stateLabel(entry.group());
        String type = Group.type(entry.group());
        if (!passes(request.statesFilter(), state) || !passes(request.typesFilter(), type)) return null;
        return ListGroupsResponse.ListedGroup.builder()
                .groupId(groupId)
                .protocolType(Group.protocolType(entry.group()))
                .groupState(state)
                .groupType(type)
                .build();
    }

    private static boolean passes(List<String> filter, String value) {
        if (filter.isEmpty()) return true;
        for (String one : filter) if (one.toLowerCase(Locale.ROOT).equals(value.toLowerCase(Locale.ROOT))) return true;
        return false;
    }
}
