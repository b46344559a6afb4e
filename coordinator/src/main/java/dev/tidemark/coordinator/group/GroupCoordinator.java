package dev.tidemark.coordinator.group;

import dev.tidemark.base.Uuid;
import dev.tidemark.base.time.Loop;
import dev.tidemark.coordinator.runtime.CoordinatorLog;
import dev.tidemark.protocol.message.ConsumerGroupDescribeRequest;
import dev.tidemark.protocol.message.ConsumerGroupDescribeResponse;
import dev.tidemark.protocol.message.ConsumerGroupHeartbeatRequest;
import dev.tidemark.protocol.message.ConsumerGroupHeartbeatResponse;
import dev.tidemark.protocol.message.DeleteGroupsRequest;
import dev.tidemark.protocol.message.DeleteGroupsResponse;
import dev.tidemark.protocol.message.DescribeGroupsRequest;
import dev.tidemark.protocol.message.DescribeGroupsResponse;
import dev.tidemark.protocol.message.HeartbeatRequest;
import dev.tidemark.protocol.message.HeartbeatResponse;
import dev.tidemark.protocol.message.JoinGroupRequest;
import dev.tidemark.protocol.message.JoinGroupResponse;
import dev.tidemark.protocol.message.LeaveGroupRequest;
import dev.tidemark.protocol.message.LeaveGroupResponse;
import dev.tidemark.protocol.message.ListGroupsRequest;
import dev.tidemark.protocol.message.ListGroupsResponse;
import dev.tidemark.protocol.message.OffsetCommitRequest;
import dev.tidemark.protocol.message.OffsetCommitResponse;
import dev.tidemark.protocol.message.OffsetDeleteRequest;
import dev.tidemark.protocol.message.OffsetDeleteResponse;
import dev.tidemark.protocol.message.OffsetFetchRequest;
import dev.tidemark.protocol.message.OffsetFetchResponse;
import dev.tidemark.protocol.message.SyncGroupRequest;
import dev.tidemark.protocol.message.SyncGroupResponse;
import java.util.Collection;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Function;
import java.util.function.IntFunction;
import java.util.function.Supplier;

/// The group coordinator of a broker: one method per API, and the changes of the world that it must hear of. Callable
/// from
/// any thread; nothing blocks. Futures never complete exceptionally: failures are error codes in the response. They
/// complete
/// inside the shard's serial, so that what hangs on them must be short.
///
/// The caller has checked authorization (group READ, DESCRIBE, DELETE and topic READ): topics that the client may not
/// see
/// are taken out of the request before and out of the response after.
public final class GroupCoordinator {
    public static final String OFFSETS_TOPIC = "__consumer_offsets";

    /// @param config the broker's settings, asked at each decision
    /// @param groupSettings of a group by its id, asked at each heartbeat
    /// @param metadata the newest version of the topics, asked at each decision
    /// @param memberIds fresh random ids
    /// @param loopOfPartition where the timers of an offsets partition fire
    /// @param background resolves regular expressions
    public GroupCoordinator(
            Supplier<GroupCoordinatorConfig> config,
            Function<String, GroupSettings> groupSettings,
            Supplier<MetadataView> metadata,
            Supplier<Uuid> memberIds,
            IntFunction<Loop> loopOfPartition,
            Executor background) {}

    /// The partition of the offsets topic that owns the group: Kafka's rule, over the topic's real partition count.
    public int partitionFor(String groupId) {
        return 0;
    }

    /// This broker leads the partition of the offsets topic from `leaderEpoch` on: the log is replayed, then its groups
    /// are
    /// served.
    public void onElected(int partition, int leaderEpoch, CoordinatorLog log) {}

    /// This broker does not lead the partition from `leaderEpoch` on.
    public void onResigned(int partition, int leaderEpoch) {}

    /// Topics are gone: so are their offsets.
    public void onTopicsDeleted(Collection<String> names) {}

    /// Answers everybody who waits with NOT_COORDINATOR.
    public void shutdown() {}

    public CompletableFuture<JoinGroupResponse> joinGroup(ClientContext client, JoinGroupRequest request) {
        return CompletableFuture.failedFuture(new UnsupportedOperationException());
    }

    public CompletableFuture<SyncGroupResponse> syncGroup(ClientContext client, SyncGroupRequest request) {
        return CompletableFuture.failedFuture(new UnsupportedOperationException());
    }

    public CompletableFuture<HeartbeatResponse> heartbeat(ClientContext client, HeartbeatRequest request) {
        return CompletableFuture.failedFuture(new UnsupportedOperationException());
    }

    public CompletableFuture<LeaveGroupResponse> leaveGroup(ClientContext client, LeaveGroupRequest request) {
        return CompletableFuture.failedFuture(new UnsupportedOperationException());
    }

    public CompletableFuture<ConsumerGroupHeartbeatResponse> consumerGroupHeartbeat(
            ClientContext client, ConsumerGroupHeartbeatRequest request) {
        return CompletableFuture.failedFuture(new UnsupportedOperationException());
    }

    public CompletableFuture<OffsetCommitResponse> offsetCommit(ClientContext client, OffsetCommitRequest request) {
        return CompletableFuture.failedFuture(new UnsupportedOperationException());
    }

    public CompletableFuture<OffsetFetchResponse> offsetFetch(ClientContext client, OffsetFetchRequest request) {
        return CompletableFuture.failedFuture(new UnsupportedOperationException());
    }

    public CompletableFuture<OffsetDeleteResponse> offsetDelete(ClientContext client, OffsetDeleteRequest request) {
        return CompletableFuture.failedFuture(new UnsupportedOperationException());
    }

    public CompletableFuture<ListGroupsResponse> listGroups(ClientContext client, ListGroupsRequest request) {
        return CompletableFuture.failedFuture(new UnsupportedOperationException());
    }

    public CompletableFuture<DescribeGroupsResponse> describeGroups(
            ClientContext client, DescribeGroupsRequest request) {
        return CompletableFuture.failedFuture(new UnsupportedOperationException());
    }

    public CompletableFuture<ConsumerGroupDescribeResponse> consumerGroupDescribe(
            ClientContext client, ConsumerGroupDescribeRequest request) {
        return CompletableFuture.failedFuture(new UnsupportedOperationException());
    }

    public CompletableFuture<DeleteGroupsResponse> deleteGroups(ClientContext client, DeleteGroupsRequest request) {
        return CompletableFuture.failedFuture(new UnsupportedOperationException());
    }
}
