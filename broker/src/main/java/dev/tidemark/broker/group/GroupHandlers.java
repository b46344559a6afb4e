package dev.tidemark.broker.group;

import dev.tidemark.broker.dispatch.Call;
import dev.tidemark.broker.dispatch.Handler;
import dev.tidemark.broker.handler.ApiHandler;
import dev.tidemark.coordinator.group.ClientContext;
import dev.tidemark.coordinator.group.GroupCoordinator;
import dev.tidemark.protocol.ApiKey;
import dev.tidemark.protocol.ErrorCode;
import dev.tidemark.protocol.message.ConsumerGroupDescribeRequest;
import dev.tidemark.protocol.message.ConsumerGroupHeartbeatRequest;
import dev.tidemark.protocol.message.ConsumerGroupHeartbeatResponse;
import dev.tidemark.protocol.message.DeleteGroupsRequest;
import dev.tidemark.protocol.message.DescribeGroupsRequest;
import dev.tidemark.protocol.message.HeartbeatRequest;
import dev.tidemark.protocol.message.JoinGroupRequest;
import dev.tidemark.protocol.message.LeaveGroupRequest;
import dev.tidemark.protocol.message.ListGroupsRequest;
import dev.tidemark.protocol.message.OffsetCommitRequest;
import dev.tidemark.protocol.message.OffsetDeleteRequest;
import dev.tidemark.protocol.message.OffsetFetchRequest;
import dev.tidemark.protocol.message.Request;
import dev.tidemark.protocol.message.Response;
import dev.tidemark.protocol.message.SyncGroupRequest;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/// The APIs of groups, all versions, served by the [GroupCoordinator]. While one waits (a join for the other members)
/// the connection's next request may start; the replies keep their order.
public final class GroupHandlers {
    private GroupHandlers() {}

    /// @param offersConsumer whether groups may use the consumer protocol (`group.coordinator.rebalance.protocols`)
    public static List<Handler<?>> all(GroupCoordinator groups, boolean offersConsumer) {
        return List.of(
                handler(ApiKey.JOIN_GROUP, JoinGroupRequest.class, groups::joinGroup),
                handler(ApiKey.SYNC_GROUP, SyncGroupRequest.class, groups::syncGroup),
                handler(ApiKey.HEARTBEAT, HeartbeatRequest.class, groups::heartbeat),
                handler(ApiKey.LEAVE_GROUP, LeaveGroupRequest.class, groups::leaveGroup),
                handler(ApiKey.OFFSET_COMMIT, OffsetCommitRequest.class, groups::offsetCommit),
                handler(ApiKey.OFFSET_FETCH, OffsetFetchRequest.class, groups::offsetFetch),
                handler(ApiKey.OFFSET_DELETE, OffsetDeleteRequest.class, groups::offsetDelete),
                handler(ApiKey.DESCRIBE_GROUPS, DescribeGroupsRequest.class, groups::describeGroups),
                handler(ApiKey.LIST_GROUPS, ListGroupsRequest.class, groups::listGroups),
                handler(ApiKey.DELETE_GROUPS, DeleteGroupsRequest.class, groups::deleteGroups),
                handler(
                        ApiKey.CONSUMER_GROUP_HEARTBEAT,
                        ConsumerGroupHeartbeatRequest.class,
                        offersConsumer ? groups::consumerGroupHeartbeat : GroupHandlers::notOffered),
                handler(
                        ApiKey.CONSUMER_GROUP_DESCRIBE,
                        ConsumerGroupDescribeRequest.class,
                        groups::consumerGroupDescribe));
    }

    private interface Method<Q extends Request> {
        CompletableFuture<? extends Response> call(ClientContext client, Q request);
    }

    private static <Q extends Request> Handler<Q> handler(ApiKey api, Class<Q> type, Method<Q> method) {
        return new ApiHandler<>(api, type, (request, call) -> {
            CompletableFuture<? extends Response> answer = method.call(context(call), request);
            var _ = answer.whenComplete((response, failure) -> {
                if (response != null) {
                    call.reply(response);
                } else {
                    call.closeConnection("an internal error: " + failure);
                }
            });
            if (!answer.isDone()) call.next();
        });
    }

    private static CompletableFuture<ConsumerGroupHeartbeatResponse> notOffered(
            ClientContext client, ConsumerGroupHeartbeatRequest request) {
        return CompletableFuture.completedFuture(ConsumerGroupHeartbeatResponse.builder()
                .errorCode(ErrorCode.UNSUPPORTED_VERSION.code())
                .errorMessage(
                        "This broker does not offer the consumer protocol (group.coordinator.rebalance.protocols).")
                .build());
    }

    private static ClientContext context(Call call) {
        return new ClientContext(
                call.clientId(),
                call.clientHost(),
                call.version(),
                call.connection().number());
    }
}
