package dev.tidemark.coordinator.group;

import dev.tidemark.coordinator.group.consumer.ResolvedRegex;
import dev.tidemark.coordinator.group.offsets.ExpectedCommits;
import dev.tidemark.protocol.message.ConsumerGroupHeartbeatRequest;
import dev.tidemark.protocol.message.HeartbeatRequest;
import dev.tidemark.protocol.message.JoinGroupRequest;
import dev.tidemark.protocol.message.LeaveGroupRequest;
import dev.tidemark.protocol.message.OffsetCommitRequest;
import dev.tidemark.protocol.message.OffsetDeleteRequest;
import dev.tidemark.protocol.message.OffsetFetchRequest;
import dev.tidemark.protocol.message.SyncGroupRequest;
import java.util.Map;
import java.util.Set;

/// What can happen to a group: requests, timers that fire, and news of the world.
public sealed interface GroupInput {
    /// @param freshMemberId for a member that has none yet
    record Join(ClientContext client, JoinGroupRequest request, String freshMemberId) implements GroupInput {}

    record Sync(ClientContext client, SyncGroupRequest request) implements GroupInput {}

    record Heartbeat(ClientContext client, HeartbeatRequest request) implements GroupInput {}

    record Leave(ClientContext client, LeaveGroupRequest request) implements GroupInput {}

    /// @param freshMemberId for a member that has none yet
    record ConsumerHeartbeat(ClientContext client, ConsumerGroupHeartbeatRequest request, String freshMemberId)
            implements GroupInput {}

    record CommitOffsets(ClientContext client, OffsetCommitRequest request) implements GroupInput {}

    /// @param commit the same as OffsetCommit has it
    /// @param expected whose it is, announced before the transaction coordinator was asked: where a
    ///     marker came meanwhile it is refused so that the client asks again
    record CommitInTransaction(ClientContext client, OffsetCommitRequest commit, ExpectedCommits.Expected expected)
            implements GroupInput {}

    /// @param requireStable offsets that a transaction may still change are not told
    record FetchOffsets(OffsetFetchRequest.OffsetFetchRequestGroup group, boolean requireStable)
            implements GroupInput {}

    record DeleteOffsets(OffsetDeleteRequest request) implements GroupInput {}

    record Describe(short apiVersion) implements GroupInput {}

    record DescribeConsumer() implements GroupInput {}

    record Delete() implements GroupInput {}

    /// Nothing was heard of a member for its session timeout.
    record SessionExpired(String memberId) implements GroupInput {}

    /// The delay of a classic group's first rebalance is over; it may be lengthened by `remainingMs` at most.
    record InitialDelayOver(long remainingMs) implements GroupInput {}

    /// The time to join a classic group's next generation is over.
    record JoinTimedOut(int generationId) implements GroupInput {}

    /// The time to ask for the assignment of a classic group's generation is over.
    record SyncTimedOut(int generationId) implements GroupInput {}

    /// A member of a consumer group did not give up its partitions within its rebalance timeout.
    record RevocationTimedOut(String memberId, int memberEpoch) implements GroupInput {}

    /// The targets of a large consumer group may be made again.
    record AssignmentDue() implements GroupInput {}

    /// A member that speaks the classic protocol in a consumer group did not join again within its rebalance timeout.
    record ClassicJoinTimedOut(String memberId) implements GroupInput {}

    /// A member that speaks the classic protocol in a consumer group joined and did not ask for its assignment.
    record ClassicSyncTimedOut(String memberId) implements GroupInput {}

    /// What the regular expressions of a consumer group stand for.
    record RegexesResolved(Map<String, ResolvedRegex> regexes) implements GroupInput {}

    /// The time has come to forget what is older than the retention.
    record ExpireOffsets() implements GroupInput {}

    record TopicsDeleted(Set<String> topics) implements GroupInput {}
}
