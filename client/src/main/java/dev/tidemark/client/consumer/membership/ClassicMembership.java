package dev.tidemark.client.consumer.membership;

import dev.tidemark.base.TopicPartition;
import dev.tidemark.client.consumer.membership.Membership.Effect.Assign;
import dev.tidemark.client.consumer.membership.Membership.Effect.Fail;
import dev.tidemark.client.consumer.membership.Membership.Effect.FindCoordinator;
import dev.tidemark.client.consumer.membership.Membership.Effect.Grant;
import dev.tidemark.client.consumer.membership.Membership.Effect.HeartbeatIn;
import dev.tidemark.client.consumer.membership.Membership.Effect.Lose;
import dev.tidemark.client.consumer.membership.Membership.Effect.Revoke;
import dev.tidemark.client.consumer.membership.Membership.Effect.SendHeartbeat;
import dev.tidemark.client.consumer.membership.Membership.Effect.SendJoin;
import dev.tidemark.client.consumer.membership.Membership.Effect.SendLeave;
import dev.tidemark.client.consumer.membership.Membership.Effect.SendSync;
import dev.tidemark.protocol.ErrorCode;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;

/// A member under the classic protocol: all join, the leader assigns, all learn their part by a sync.
///
/// Eager: the application gives up all before each join. Cooperative (KIP-429): it keeps what it has, gives up what its
/// new part lacks, and then joins once more so that others may get it.
///
/// @param epoch the generation, -1 outside
/// @param isRejoinDue the subscription or the topics changed while a rebalance was under way
public record ClassicMembership(
        Phase phase,
        boolean isCooperative,
        boolean isStatic,
        String memberId,
        int epoch,
        Subscription subscription,
        SortedSet<TopicPartition> owned,
        SortedSet<TopicPartition> target,
        boolean isRejoinDue)
        implements Membership {
    /// Where a member stands.
    public enum Phase {
        OUT,
        /// Gives up all, eagerly, or what it lost; then joins.
        RELEASING,
        JOINING,
        /// Leads, and waits for the assignment to be made.
        ASSIGNING,
        SYNCING,
        /// Gives up what its new part lacks; then joins again.
        REVOKING,
        STABLE,
        /// Left because the application does not poll.
        IDLE
    }

    private static final SortedSet<TopicPartition> NOTHING = Collections.emptySortedSet();

    public static ClassicMembership create(boolean isCooperative, boolean isStatic) {
        return new ClassicMembership(
                Phase.OUT,
                isCooperative,
                isStatic,
                "",
                -1,
                new Subscription(new TreeSet<>(), null),
                NOTHING,
                NOTHING,
                false);
    }

    @Override
    public Step step(Input input) {
        return switch (input) {
            case Input.Subscribe(var wanted) -> subscribe(wanted);
            case Input.HeartbeatDue() -> heartbeatDue();
            case Input.JoinAnswer answer -> phase == Phase.JOINING ? joined(answer) : same();
            case Input.AssignmentMade(var assignment) -> phase == Phase.ASSIGNING ? sync(assignment) : same();
            case Input.SyncAnswer answer -> phase == Phase.SYNCING ? synced(answer) : same();
            case Input.HeartbeatAnswer(var error) ->
                phase == Phase.STABLE || phase == Phase.REVOKING ? heartbeatAnswered(error) : same();
            case Input.Unanswered() -> unanswered(false);
            case Input.Released() -> released();
            case Input.PollOverdue() -> pollOverdue();
            case Input.Polled() -> phase == Phase.IDLE ? join() : same();
            case Input.Leave() -> leave();
            case Input.PartitionsChanged(var generation) -> partitionsChanged(generation);
            case Input.ConsumerHeartbeatAnswer _ -> same();
        };
    }

    private Step subscribe(Subscription wanted) {
        boolean isNew = !wanted.equals(subscription);
        ClassicMembership next = with(phase, memberId, epoch, wanted, owned, target, isRejoinDue);
        if (phase == Phase.OUT) return next.join();
        if (!isNew || phase == Phase.IDLE) return next.same();
        if (phase == Phase.STABLE) return next.rebalance();
        return with(phase, memberId, epoch, wanted, owned, target, true).same();
    }

    private Step partitionsChanged(int generation) {
        if (generation != epoch) return same();
        return switch (phase) {
            case STABLE -> rebalance();
            case SYNCING, REVOKING ->
                with(phase, memberId, epoch, subscription, owned, target, true).same();
            case OUT, RELEASING, JOINING, ASSIGNING, IDLE -> same();
        };
    }

    private Step rebalance() {
        if (isCooperative || owned.isEmpty()) return join();
        return to(Phase.RELEASING).after(new Revoke(owned));
    }

    private Step join() {
        return with(Phase.JOINING, memberId, epoch, subscription, owned, target, false)
                .after(new SendJoin(memberId, subscription.topics(), owned, epoch));
    }

    private Step joined(Input.JoinAnswer answer) {
        return switch (answer.error()) {
            case NONE -> {
                ClassicMembership in = with(
                        Phase.SYNCING,
                        answer.memberId(),
                        answer.generation(),
                        subscription,
                        owned,
                        target,
                        isRejoinDue);
                yield answer.leaderId().equals(answer.memberId())
                        ? in.to(Phase.ASSIGNING).after(new Assign(answer.assignor(), answer.members()))
                        : in.sync(Map.of());
            }
            case MEMBER_ID_REQUIRED ->
                with(phase, answer.memberId(), -1, subscription, owned, target, isRejoinDue)
                        .join();
            default -> failed(answer.error());
        };
    }

    private Step sync(Map<String, SortedSet<TopicPartition>> assignment) {
        return to(Phase.SYNCING).after(new SendSync(memberId, epoch, assignment));
    }

    private Step synced(Input.SyncAnswer answer) {
        if (answer.error() != ErrorCode.NONE) return failed(answer.error());
        SortedSet<TopicPartition> wanted = answer.assignment();
        SortedSet<TopicPartition> surplus = Membership.minus(owned, wanted);
        ClassicMembership in = with(Phase.STABLE, memberId, epoch, subscription, owned, wanted, isRejoinDue);
        if (!surplus.isEmpty())
            return in.to(Phase.REVOKING).after(new Revoke(surplus), new HeartbeatIn(new Delay.Configured()));
        return in.take();
    }

    private Step take() {
        List<Effect> effects = new ArrayList<>();
        SortedSet<TopicPartition> granted = Membership.minus(target, owned);
        if (!granted.isEmpty()) effects.add(new Grant(granted));
        ClassicMembership in = with(Phase.STABLE, memberId, epoch, subscription, target, target, isRejoinDue);
        if (isRejoinDue) {
            Step again = in.rebalance();
            effects.addAll(again.effects());
            return new Step(again.next(), effects);
        }
        effects.add(new HeartbeatIn(new Delay.Configured()));
        return new Step(in, effects);
    }

    private Step heartbeatDue() {
        return switch (phase) {
            case STABLE, REVOKING -> after(new SendHeartbeat(memberId, epoch));
            case JOINING -> join(); // After a failure.
            case OUT, RELEASING, ASSIGNING, SYNCING, IDLE -> same();
        };
    }

    private Step heartbeatAnswered(ErrorCode error) {
        return switch (error) {
            case NONE -> after(new HeartbeatIn(new Delay.Configured()));
            // What is being given up comes first; then the member joins anyway.
            case REBALANCE_IN_PROGRESS -> phase == Phase.REVOKING ? same() : rebalance();
            default -> failed(error);
        };
    }

    /// To any request of the member.
    private Step failed(ErrorCode error) {
        return switch (error) {
            case NOT_COORDINATOR, COORDINATOR_NOT_AVAILABLE -> unanswered(true);
            case COORDINATOR_LOAD_IN_PROGRESS -> unanswered(false);
            case REBALANCE_IN_PROGRESS -> rebalance();
            case UNKNOWN_MEMBER_ID -> lost("");
            case ILLEGAL_GENERATION -> lost(memberId);
            default ->
                with(Phase.OUT, "", -1, subscription, NOTHING, NOTHING, false)
                        .after(new Lose(owned), new Fail(error, null));
        };
    }

    /// The group went on without the member.
    private Step lost(String idToKeep) {
        ClassicMembership out = with(Phase.RELEASING, idToKeep, -1, subscription, NOTHING, NOTHING, false);
        return owned.isEmpty() ? out.join() : out.after(new Lose(owned));
    }

    private Step unanswered(boolean isElsewhere) {
        HeartbeatIn later = new HeartbeatIn(new Delay.Backoff());
        ClassicMembership next = phase == Phase.SYNCING || phase == Phase.ASSIGNING ? to(Phase.JOINING) : this;
        if (phase == Phase.OUT || phase == Phase.IDLE) return same();
        return isElsewhere ? next.after(new FindCoordinator(), later) : next.after(later);
    }

    private Step released() {
        return switch (phase) {
            case RELEASING ->
                with(phase, memberId, epoch, subscription, NOTHING, NOTHING, isRejoinDue)
                        .join();
            case REVOKING -> {
                SortedSet<TopicPartition> kept = new TreeSet<>(owned);
                kept.retainAll(target);
                SortedSet<TopicPartition> granted = Membership.minus(target, kept);
                ClassicMembership rest = with(phase, memberId, epoch, subscription, target, target, isRejoinDue);
                List<Effect> effects = new ArrayList<>();
                if (!granted.isEmpty()) effects.add(new Grant(granted));
                Step again = rest.join();
                effects.addAll(again.effects());
                yield new Step(again.next(), effects);
            }
            case OUT, JOINING, ASSIGNING, SYNCING, STABLE, IDLE -> same();
        };
    }

    private Step pollOverdue() {
        if (phase == Phase.OUT || phase == Phase.IDLE) return same();
        ClassicMembership idle = with(Phase.IDLE, isStatic ? memberId : "", -1, subscription, NOTHING, NOTHING, false);
        return isStatic ? idle.after(new Lose(owned)) : idle.after(new SendLeave(memberId), new Lose(owned));
    }

    /// A static member comes back and does not say farewell.
    private Step leave() {
        ClassicMembership out = with(Phase.OUT, memberId, -1, subscription, NOTHING, NOTHING, false);
        boolean isIn = phase != Phase.OUT && phase != Phase.IDLE && !memberId.isEmpty();
        return isIn && !isStatic ? out.after(new SendLeave(memberId)) : out.same();
    }

    private Step same() {
        return new Step(this, List.of());
    }

    private Step after(Effect... effects) {
        return new Step(this, List.of(effects));
    }

    private ClassicMembership to(Phase next) {
        return with(next, memberId, epoch, subscription, owned, target, isRejoinDue);
    }

    private ClassicMembership with(
            Phase phase,
            String memberId,
            int epoch,
            Subscription subscription,
            SortedSet<TopicPartition> owned,
            SortedSet<TopicPartition> target,
            boolean isRejoinDue) {
        return new ClassicMembership(
                phase, isCooperative, isStatic, memberId, epoch, subscription, owned, target, isRejoinDue);
    }
}
