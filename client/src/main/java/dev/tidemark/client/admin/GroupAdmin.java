package dev.tidemark.client.admin;

import dev.tidemark.base.TopicPartition;
import dev.tidemark.client.BrokerErrorException;
import dev.tidemark.client.Node;
import dev.tidemark.client.OffsetAndMetadata;
import dev.tidemark.client.network.Call;
import dev.tidemark.protocol.ErrorCode;
import dev.tidemark.protocol.message.ConsumerGroupDescribeRequest;
import dev.tidemark.protocol.message.ConsumerGroupDescribeResponse;
import dev.tidemark.protocol.message.DeleteGroupsRequest;
import dev.tidemark.protocol.message.DeleteGroupsResponse;
import dev.tidemark.protocol.message.DescribeGroupsRequest;
import dev.tidemark.protocol.message.DescribeGroupsResponse;
import dev.tidemark.protocol.message.ListGroupsRequest;
import dev.tidemark.protocol.message.ListGroupsResponse;
import dev.tidemark.protocol.message.OffsetCommitRequest;
import dev.tidemark.protocol.message.OffsetCommitResponse;
import dev.tidemark.protocol.message.OffsetDeleteRequest;
import dev.tidemark.protocol.message.OffsetDeleteResponse;
import dev.tidemark.protocol.message.OffsetFetchRequest;
import dev.tidemark.protocol.message.OffsetFetchResponse;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// Groups: who is in them, what they committed, and how to change it while nobody is in.
public final class GroupAdmin {
    private final AdminCalls calls;

    GroupAdmin(AdminCalls calls) {
        this.calls = calls;
    }

    /// @param type `classic`, `consumer` (KIP-848), …; empty where the broker is too old to say
    /// @param state such as `Stable` or `Empty`; empty where the broker is too old to say
    public record Listing(String groupId, String type, String protocolType, String state) {}

    /// @param epoch of the group, -1 in classic groups
    public record Description(
            String groupId, String type, String state, String assignor, int epoch, List<Member> members) {}

    /// @param instanceId of a static member
    /// @param epoch -1 in classic groups
    public record Member(
            String memberId,
            @Nullable String instanceId,
            String clientId,
            String host,
            int epoch,
            List<TopicPartition> assignment) {}

    /// Of all brokers, by id in order.
    public List<Listing> list() throws InterruptedException {
        TreeMap<String, Listing> groups = new TreeMap<>();
        for (Node node : calls.nodes()) {
            ListGroupsResponse response =
                    calls.node(node, calls.call(ListGroupsRequest.builder().build(), ListGroupsResponse.class));
            ErrorCode error = ErrorCode.forCode(response.errorCode());
            if (error != ErrorCode.NONE) throw BrokerErrorException.of(error);
            for (var group : response.groups())
                groups.put(
                        group.groupId(),
                        new Listing(group.groupId(), group.groupType(), group.protocolType(), group.groupState()));
        }
        return List.copyOf(groups.values());
    }

    /// Of either protocol. A group that does not exist is GROUP_ID_NOT_FOUND.
    public Result<Description> describe(String groupId) throws InterruptedException {
        try {
            Result<Description> modern = describeConsumer(groupId);
            if (modern.isOk() || modern.error() != ErrorCode.GROUP_ID_NOT_FOUND) return modern;
        } catch (BrokerErrorException failure) {
            // A broker before KIP-848 has classic groups only.
            if (failure.error() != ErrorCode.UNSUPPORTED_VERSION) throw failure;
        }
        return describeClassic(groupId);
    }

    private Result<Description> describeConsumer(String groupId) throws InterruptedException {
        var request = ConsumerGroupDescribeRequest.builder()
                .groupIds(List.of(groupId))
                .build();
        ConsumerGroupDescribeResponse response = calls.coordinator(
                groupId,
                calls.call(request, ConsumerGroupDescribeResponse.class),
                answer -> ErrorCode.forCode(answer.groups().getFirst().errorCode()));
        var group = response.groups().getFirst();
        List<Member> members = group.members().stream()
                .map(member -> new Member(
                        member.memberId(),
                        member.instanceId(),
                        member.clientId(),
                        member.clientHost(),
                        member.memberEpoch(),
                        partitionsOf(member.assignment())))
                .toList();
        return Result.of(
                group.errorCode(),
                group.errorMessage(),
                new Description(
                        groupId, "consumer", group.groupState(), group.assignorName(), group.groupEpoch(), members));
    }

    private static List<TopicPartition> partitionsOf(ConsumerGroupDescribeResponse.Assignment assignment) {
        List<TopicPartition> partitions = new ArrayList<>();
        for (var topic : assignment.topicPartitions())
            for (int partition : topic.partitions()) partitions.add(new TopicPartition(topic.topicName(), partition));
        partitions.sort(null);
        return partitions;
    }

    private Result<Description> describeClassic(String groupId) throws InterruptedException {
        var request = DescribeGroupsRequest.builder().groups(List.of(groupId)).build();
        DescribeGroupsResponse response = calls.coordinator(
                groupId,
                calls.call(request, DescribeGroupsResponse.class),
                answer -> ErrorCode.forCode(answer.groups().getFirst().errorCode()));
        var group = response.groups().getFirst();
        // Brokers before version 6 know no such group as a dead one.
        if (group.errorCode() == 0 && group.groupState().equals("Dead"))
            return Result.failed(ErrorCode.GROUP_ID_NOT_FOUND, null);
        List<Member> members = group.members().stream()
                .map(member -> new Member(
                        member.memberId(),
                        member.groupInstanceId(),
                        member.clientId(),
                        member.clientHost(),
                        -1,
                        ClassicAssignment.read(member.memberAssignment())))
                .toList();
        return Result.of(
                group.errorCode(),
                group.errorMessage(),
                new Description(groupId, "classic", group.groupState(), group.protocolData(), -1, members));
    }

    /// All that the group committed, in order.
    public Map<TopicPartition, OffsetAndMetadata> offsets(String groupId) throws InterruptedException {
        return offsets(groupId, false);
    }

    /// The same, once no open transaction can change it: where a member goes on from an offset that a transaction is
    /// about to commit, records are worked off twice (KIP-447).
    public Map<TopicPartition, OffsetAndMetadata> stableOffsets(String groupId) throws InterruptedException {
        return offsets(groupId, true);
    }

    private Map<TopicPartition, OffsetAndMetadata> offsets(String groupId, boolean requireStable)
            throws InterruptedException {
        OffsetFetchRequest request = OffsetFetchRequest.builder()
                .requireStable(requireStable)
                .groups(List.of(OffsetFetchRequest.OffsetFetchRequestGroup.builder()
                        .groupId(groupId)
                        .topics(null)
                        .build()))
                .build();
        // From version 10 topics are named by id only.
        Call<OffsetFetchResponse> call = Call.from(
                        8, request, OffsetFetchResponse.class, calls.config().requestTimeoutMs())
                .upTo(9);
        OffsetFetchResponse response =
                calls.coordinator(groupId, call, answer -> error(answer.groups().getFirst()));
        var group = response.groups().getFirst();
        ErrorCode error = ErrorCode.forCode(group.errorCode());
        if (error == ErrorCode.GROUP_ID_NOT_FOUND) return Map.of();
        if (error != ErrorCode.NONE) throw BrokerErrorException.of(error);
        Map<TopicPartition, OffsetAndMetadata> offsets = new TreeMap<>();
        for (var topic : group.topics())
            for (var partition : topic.partitions())
                if (partition.committedOffset() >= 0)
                    offsets.put(
                            new TopicPartition(topic.name(), partition.partitionIndex()),
                            new OffsetAndMetadata(
                                    partition.committedOffset(),
                                    partition.committedLeaderEpoch(),
                                    partition.metadata() == null ? "" : partition.metadata()));
        return offsets;
    }

    private static ErrorCode error(OffsetFetchResponse.OffsetFetchResponseGroup group) {
        for (var topic : group.topics())
            for (var partition : topic.partitions())
                if (partition.errorCode() == ErrorCode.UNSTABLE_OFFSET_COMMIT.code())
                    return ErrorCode.UNSTABLE_OFFSET_COMMIT;
        return ErrorCode.forCode(group.errorCode());
    }

    /// Sets what the group will go on from. Works only while the group has no member.
    public Map<TopicPartition, Result<Long>> alterOffsets(
            String groupId, Map<TopicPartition, OffsetAndMetadata> offsets) throws InterruptedException {
        OffsetCommitRequest request = OffsetCommitRequest.builder()
                .groupId(groupId)
                .generationIdOrMemberEpoch(-1)
                .memberId("")
                .topics(OffsetAdmin.byTopic(offsets.keySet(), each -> toCommit(each, offsets)).entrySet().stream()
                        .map(topic -> OffsetCommitRequest.OffsetCommitRequestTopic.builder()
                                .name(topic.getKey())
                                .partitions(topic.getValue())
                                .build())
                        .toList())
                .build();
        OffsetCommitResponse response = calls.coordinator(
                groupId, calls.call(request, OffsetCommitResponse.class).upTo(9), GroupAdmin::firstError);
        Map<TopicPartition, Result<Long>> results = new LinkedHashMap<>();
        for (var topic : response.topics())
            for (var partition : topic.partitions()) {
                TopicPartition where = new TopicPartition(topic.name(), partition.partitionIndex());
                OffsetAndMetadata asked = offsets.get(where);
                results.put(where, Result.of(partition.errorCode(), null, asked == null ? -1 : asked.offset()));
            }
        return results;
    }

    private static OffsetCommitRequest.OffsetCommitRequestPartition toCommit(
            TopicPartition where, Map<TopicPartition, OffsetAndMetadata> offsets) {
        OffsetAndMetadata offset = offsets.getOrDefault(where, OffsetAndMetadata.of(0));
        return OffsetCommitRequest.OffsetCommitRequestPartition.builder()
                .partitionIndex(where.partition())
                .committedOffset(offset.offset())
                .committedLeaderEpoch(offset.leaderEpoch())
                .committedMetadata(offset.metadata())
                .build();
    }

    private static ErrorCode firstError(OffsetCommitResponse response) {
        for (var topic : response.topics())
            for (var partition : topic.partitions())
                if (partition.errorCode() != 0) return ErrorCode.forCode(partition.errorCode());
        return ErrorCode.NONE;
    }

    /// Forgets what the group committed for these partitions. The value of a success is the partition.
    public Map<TopicPartition, Result<TopicPartition>> deleteOffsets(
            String groupId, Collection<TopicPartition> partitions) throws InterruptedException {
        OffsetDeleteRequest request = OffsetDeleteRequest.builder()
                .groupId(groupId)
                .topics(OffsetAdmin.byTopic(
                                partitions,
                                each -> OffsetDeleteRequest.OffsetDeleteRequestPartition.builder()
                                        .partitionIndex(each.partition())
                                        .build())
                        .entrySet()
                        .stream()
                        .map(topic -> OffsetDeleteRequest.OffsetDeleteRequestTopic.builder()
                                .name(topic.getKey())
                                .partitions(topic.getValue())
                                .build())
                        .toList())
                .build();
        OffsetDeleteResponse response = calls.coordinator(
                groupId,
                calls.call(request, OffsetDeleteResponse.class),
                answer -> ErrorCode.forCode(answer.errorCode()));
        ErrorCode error = ErrorCode.forCode(response.errorCode());
        if (error != ErrorCode.NONE) throw BrokerErrorException.of(error);
        Map<TopicPartition, Result<TopicPartition>> results = new LinkedHashMap<>();
        for (var topic : response.topics())
            for (var partition : topic.partitions()) {
                TopicPartition where = new TopicPartition(topic.name(), partition.partitionIndex());
                results.put(where, Result.of(partition.errorCode(), null, where));
            }
        return results;
    }

    /// Works only while the group has no member. The value of a success is the group.
    public Result<String> delete(String groupId) throws InterruptedException {
        var request =
                DeleteGroupsRequest.builder().groupsNames(List.of(groupId)).build();
        DeleteGroupsResponse response = calls.coordinator(
                groupId,
                calls.call(request, DeleteGroupsResponse.class),
                answer -> ErrorCode.forCode(answer.results().getFirst().errorCode()));
        var result = response.results().getFirst();
        return Result.of(result.errorCode(), result.errorMessage(), groupId);
    }
}
