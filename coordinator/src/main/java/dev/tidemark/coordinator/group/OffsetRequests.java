package dev.tidemark.coordinator.group;

import dev.tidemark.coordinator.group.classic.ClassicGroup;
import dev.tidemark.coordinator.group.classic.ClassicMember;
import dev.tidemark.coordinator.group.classic.ClassicOffsets;
import dev.tidemark.coordinator.group.classic.ClassicProtocol;
import dev.tidemark.coordinator.group.classic.ClassicState;
import dev.tidemark.coordinator.group.consumer.ConsumerEnv;
import dev.tidemark.coordinator.group.consumer.ConsumerOffsets;
import dev.tidemark.coordinator.group.consumer.ConsumerProtocol;
import dev.tidemark.coordinator.group.offsets.OffsetCommit;
import dev.tidemark.coordinator.group.offsets.OffsetDelete;
import dev.tidemark.coordinator.group.offsets.OffsetFetch;
import dev.tidemark.coordinator.runtime.Decision;
import dev.tidemark.protocol.ErrorCode;
import dev.tidemark.protocol.message.OffsetCommitRequest;
import dev.tidemark.protocol.message.OffsetDeleteRequest;
import dev.tidemark.protocol.message.OffsetDeleteResponse;
import dev.tidemark.protocol.message.OffsetFetchResponse;
import dev.tidemark.protocol.message.OffsetFetchResponse.OffsetFetchResponseGroup;
import dev.tidemark.protocol.message.Response;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// What is asked of a group's offsets, once its members are looked at.
final class OffsetRequests {
    private OffsetRequests() {}

    static Decision<GroupInput, GroupFact, Response> commit(
            @Nullable GroupEntry entry, GroupInput.CommitOffsets input, ConsumerEnv env) {
        OffsetCommitRequest request = input.request();
        Group group = entry == null ? null : entry.group();
        ErrorCode error = checkCommit(group, input.client(), request, false);
        if (error != ErrorCode.NONE) return Plan.answer(OffsetCommit.refused(request, error));
        Plan plan = new Plan();
        OffsetCommit.Gate gate = (_, _) -> ErrorCode.NONE;
        if (group instanceof Group.Consumer(var state)) gate = ConsumerOffsets.gate(state, request);
        if (group instanceof Group.Classic(var state)) keepAlive(plan, state, request);
        OffsetCommit commit =
                new OffsetCommit(plan, env.metadata(), env.config().offsetMetadataBytesMax(), env.nowMs());
        return plan.decide(commit.commit(input.client(), request, gate));
    }

    /// The same, but the offsets count when the transaction is committed. A producer that tells nothing of its
    /// consumer is let in, as it always was.
    static Decision<GroupInput, GroupFact, Response> commitInTransaction(
            @Nullable GroupEntry entry, GroupInput.CommitInTransaction input, ConsumerEnv env) {
        OffsetCommitRequest request = input.commit();
        Group group = entry == null ? null : entry.group();
        boolean tellsMember = request.generationIdOrMemberEpoch() >= 0
                || !request.memberId().isEmpty()
                || request.groupInstanceId() != null;
        ErrorCode error = tellsMember ? checkCommit(group, input.client(), request, true) : ErrorCode.NONE;
        if (error != ErrorCode.NONE) return Plan.answer(OffsetCommit.refused(request, error));
        Plan plan = new Plan();
        OffsetCommit.Gate gate = (_, _) -> ErrorCode.NONE;
        if (tellsMember && group instanceof Group.Consumer(var state)) gate = ConsumerOffsets.gate(state, request);
        if (group instanceof Group.Classic(var state)) keepAlive(plan, state, request);
        OffsetCommit commit =
                new OffsetCommit(plan, env.metadata(), env.config().offsetMetadataBytesMax(), env.nowMs());
        Response response = commit.commit(input.client(), request, gate);
        return plan.decideInTransaction(
                response, input.expected().producerId(), input.expected().epoch());
    }

    private static ErrorCode checkCommit(
            @Nullable Group group, ClientContext client, OffsetCommitRequest request, boolean inTransaction) {
        return switch (group) {
            case null -> request.generationIdOrMemberEpoch() < 0 ? ErrorCode.NONE : ErrorCode.ILLEGAL_GENERATION;
            case Group.Classic(var state) -> ClassicOffsets.checkCommit(state, request, inTransaction);
            case Group.Consumer(var state) -> ConsumerOffsets.checkCommit(state, client, request);
        };
    }

    /// A commit is a sign of life.
    private static void keepAlive(Plan plan, ClassicGroup group, OffsetCommitRequest request) {
        ClassicMember member = group.member(request.memberId());
        if (member != null) ClassicProtocol.keepAlive(plan, member);
    }

    static Response fetch(@Nullable GroupEntry entry, GroupInput.FetchOffsets input, MetadataView metadata) {
        ErrorCode error = entry != null && entry.group() instanceof Group.Consumer(var state)
                ? ConsumerOffsets.checkFetch(state, input.group())
                : ErrorCode.NONE;
        OffsetFetchResponseGroup group = error == ErrorCode.NONE
                ? new OffsetFetch(
                                entry == null ? null : entry.offsets(),
                                entry == null || !input.requireStable() ? null : entry.pending(),
                                metadata)
                        .fetch(input.group())
                : OffsetFetch.refused(input.group().groupId(), error);
        return OffsetFetchResponse.builder().groups(List.of(group)).build();
    }

    static Decision<GroupInput, GroupFact, Response> delete(@Nullable GroupEntry entry, OffsetDeleteRequest request) {
        if (entry == null) return Plan.answer(refusedDelete(ErrorCode.GROUP_ID_NOT_FOUND));
        Set<String> subscribed = Group.subscribedTopics(entry.group());
        if (subscribed == null) return Plan.answer(refusedDelete(ErrorCode.NON_EMPTY_GROUP));
        Plan plan = new Plan();
        return plan.decide(OffsetDelete.delete(plan, entry.offsets(), request, subscribed::contains));
    }

    static OffsetDeleteResponse refusedDelete(ErrorCode error) {
        return OffsetDeleteResponse.builder().errorCode(error).build();
    }

    static Decision<GroupInput, GroupFact, Response> deleteTopics(GroupEntry entry, Set<String> topics) {
        Plan plan = new Plan();
        OffsetDelete.deleteTopics(plan, entry.offsets(), topics);
        return plan.decide(null);
    }

    /// Since Kafka 2.1: offsets live as long as their group has members that subscribe to the topic, and the
    /// retention counts from then on. A group without members and offsets goes too.
    static Decision<GroupInput, GroupFact, Response> expire(GroupEntry entry, ConsumerEnv env) {
        Plan plan = new Plan();
        Group group = entry.group();
        boolean noneLeft = OffsetDelete.deleteExpired(
                plan,
                entry.offsets(),
                entry.pending(),
                isKept(group),
                env.metadata(),
                idleSinceMs(group),
                env.config().offsetsRetentionMs(),
                env.nowMs());
        if (noneLeft && entry.pending().isEmpty() && Group.isEmpty(group)) forget(plan, group, env);
        return plan.decide(null);
    }

    /// Whether the offsets of a topic are in use.
    private static Predicate<String> isKept(@Nullable Group group) {
        if (group instanceof Group.Classic(var state)
                && !state.is(ClassicState.EMPTY)
                && !state.is(ClassicState.STABLE)) return _ -> true;
        Set<String> subscribed = Group.subscribedTopics(group);
        return subscribed == null ? _ -> true : subscribed::contains;
    }

    private static long idleSinceMs(@Nullable Group group) {
        return group instanceof Group.Classic(var state) && state.is(ClassicState.EMPTY) ? state.stateSinceMs() : -1;
    }

    /// The tombstones of a group without members.
    static void forget(Plan plan, @Nullable Group group, ConsumerEnv env) {
        switch (group) {
            case null -> {}
            case Group.Classic(var state) -> {
                if (state.generationId() > 0) plan.fact(new GroupFact.ClassicForgotten());
            }
            case Group.Consumer(var state) -> ConsumerProtocol.forget(plan, state, env);
        }
    }
}
