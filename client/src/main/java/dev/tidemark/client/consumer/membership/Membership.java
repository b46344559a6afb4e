package dev.tidemark.client.consumer.membership;

import dev.tidemark.base.TopicPartition;
import dev.tidemark.protocol.ErrorCode;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// Being a member of a group, as a pure state machine: an immutable value that answers each input with the next value
/// and with what is to be done. Whoever holds it sends the requests, keeps the timer, tells the application, and gives
/// back what came of it. No clock, no IO, no randomness: ids come in.
public sealed interface Membership permits ConsumerMembership, ClassicMembership {
    /// What comes next.
    record Step(Membership next, List<Effect> effects) {}

    Step step(Input input);

    /// As the coordinator knows the member; empty before it does.
    String memberId();

    /// The member epoch or generation, which goes with each commit; -1 outside of the group.
    int epoch();

    /// What the member may read.
    SortedSet<TopicPartition> owned();

    /// A topic's name, or null for those of a regular expression.
    record Subscription(SortedSet<String> topics, @Nullable String regex) {}

    /// What happens to a member.
    sealed interface Input {
        /// The application wants these topics, from now on.
        record Subscribe(Subscription subscription) implements Input {}

        /// The time that [Effect.HeartbeatIn] asked for is over.
        record HeartbeatDue() implements Input {}

        /// To [Effect.SendConsumerHeartbeat].
        ///
        /// @param assignment null where the coordinator has nothing new to say
        record ConsumerHeartbeatAnswer(
                ErrorCode error,
                @Nullable String message,
                String memberId,
                int memberEpoch,
                int heartbeatIntervalMs,
                @Nullable SortedSet<TopicPartition> assignment)
                implements Input {}

        /// To [Effect.SendJoin].
        ///
        /// @param members what each member wants and has, for the leader only
        record JoinAnswer(
                ErrorCode error,
                int generation,
                String memberId,
                String leaderId,
                String assignor,
                Map<String, MemberSubscription> members)
                implements Input {}

        /// The leader's assignment is made: [Effect.Assign] asked for it.
        record AssignmentMade(Map<String, SortedSet<TopicPartition>> assignment) implements Input {}

        /// To [Effect.SendSync].
        record SyncAnswer(ErrorCode error, SortedSet<TopicPartition> assignment) implements Input {}

        /// To [Effect.SendHeartbeat].
        record HeartbeatAnswer(ErrorCode error) implements Input {}

        /// The leader assigned partitions of these topics in `generation`, and they have others now.
        record PartitionsChanged(int generation) implements Input {}

        /// A request did not arrive, or its answer did not.
        record Unanswered() implements Input {}

        /// The application has heard of what [Effect.Revoke] or [Effect.Lose] took away.
        record Released() implements Input {}

        /// The application does not poll any more.
        record PollOverdue() implements Input {}

        /// The application polls again.
        record Polled() implements Input {}

        record Leave() implements Input {}
    }

    /// What a classic member brings to a rebalance.
    ///
    /// @param generation when it got what it owns, -1 where it did not say
    record MemberSubscription(SortedSet<String> topics, SortedSet<TopicPartition> owned, int generation) {}

    /// What is to be done.
    sealed interface Effect {
        /// @param epoch 0 to join, -1 to leave, -2 to leave as a static member that comes back
        /// @param isFull with all that the coordinator may have missed
        record SendConsumerHeartbeat(
                String memberId, int epoch, boolean isFull, Subscription subscription, SortedSet<TopicPartition> owned)
                implements Effect {}

        record SendJoin(String memberId, SortedSet<String> topics, SortedSet<TopicPartition> owned, int ownedGeneration)
                implements Effect {}

        /// The leader has to spread the partitions of all these topics; the answer is [Input.AssignmentMade].
        record Assign(String assignor, Map<String, MemberSubscription> members) implements Effect {}

        /// @param assignment empty but for the leader
        record SendSync(String memberId, int generation, Map<String, SortedSet<TopicPartition>> assignment)
                implements Effect {}

        record SendHeartbeat(String memberId, int generation) implements Effect {}

        record SendLeave(String memberId) implements Effect {}

        /// Replaces an earlier timer.
        record HeartbeatIn(Delay delay) implements Effect {}

        /// The application gives these up, then [Input.Released] comes.
        record Revoke(SortedSet<TopicPartition> partitions) implements Effect {}

        /// These are gone already; [Input.Released] comes when the application has heard of it.
        record Lose(SortedSet<TopicPartition> partitions) implements Effect {}

        /// The application may read these from now on.
        record Grant(SortedSet<TopicPartition> partitions) implements Effect {}

        /// Another broker coordinates the group.
        record FindCoordinator() implements Effect {}

        /// The coordinator does not speak the new protocol.
        record FallBack() implements Effect {}

        /// The application hears of it in its next poll; the member is out.
        record Fail(ErrorCode error, @Nullable String message) implements Effect {}
    }

    /// How long to wait.
    sealed interface Delay {
        record Millis(int ms) implements Delay {}

        /// The time between heartbeats that was configured.
        record Configured() implements Delay {}

        /// After a failure.
        record Backoff() implements Delay {}
    }

    /// What is in `all` and not in `without`, in order.
    static SortedSet<TopicPartition> minus(SortedSet<TopicPartition> all, Set<TopicPartition> without) {
        SortedSet<TopicPartition> rest = new TreeSet<>(all);
        rest.removeAll(without);
        return rest;
    }
}
