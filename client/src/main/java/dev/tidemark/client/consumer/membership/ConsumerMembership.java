package dev.tidemark.client.consumer.membership;

import dev.tidemark.base.TopicPartition;
import dev.tidemark.client.consumer.membership.Membership.Effect.Fail;
import dev.tidemark.client.consumer.membership.Membership.Effect.FallBack;
import dev.tidemark.client.consumer.membership.Membership.Effect.FindCoordinator;
import dev.tidemark.client.consumer.membership.Membership.Effect.Grant;
import dev.tidemark.client.consumer.membership.Membership.Effect.HeartbeatIn;
import dev.tidemark.client.consumer.membership.Membership.Effect.Lose;
import dev.tidemark.client.consumer.membership.Membership.Effect.Revoke;
import dev.tidemark.client.consumer.membership.Membership.Effect.SendConsumerHeartbeat;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;

/// A member under KIP-848: the broker assigns, the member gives up, takes, and says so.
///
/// One heartbeat is under way at most. A target that differs from what is owned is reconciled: first the application
/// gives up what is not in it, while heartbeats go on; then the member owns the target and acknowledges it at once.
///
/// @param target what the coordinator wants the member to own
/// @param isFullDue whether the next heartbeat has to say everything
/// @param heartbeatIntervalMs as the coordinator told, -1 before it did
public record ConsumerMembership(
        Phase phase,
        String memberId,
        boolean isStatic,
        int epoch,
        Subscription subscription,
        SortedSet<TopicPartition> owned,
        SortedSet<TopicPartition> target,
        boolean isFullDue,
        boolean isAwaitingAnswer,
        int heartbeatIntervalMs)
        implements Membership {
    /// Where a member stands.
    public enum Phase {
        /// Not in the group, and does not want to be.
        OUT,
        /// Has asked to be in.
        JOINING,
        /// Owns what it shall own.
        STABLE,
        /// The application is giving up what is not in the target.
        REVOKING,
        /// Was put out; the application is told, then the member joins again.
        LOSING,
        /// Left because the application does not poll; joins again when it does.
        IDLE
    }

    private static final SortedSet<TopicPartition> NOTHING = Collections.emptySortedSet();
    private static final int LEAVE = -1;
    private static final int LEAVE_FOR_A_WHILE = -2;

    /// @param memberId a fresh id: the member chooses it itself
    public static ConsumerMembership create(String memberId, boolean isStatic) {
        return new ConsumerMembership(
                Phase.OUT,
                memberId,
                isStatic,
                0,
                new Subscription(new TreeSet<>(), null),
                NOTHING,
                NOTHING,
                true,
                false,
                -1);
    }

    @Override
    public Step step(Input input) {
        return switch (input) {
            case Input.Subscribe(var wanted) -> subscribe(wanted);
            case Input.HeartbeatDue() -> heartbeat();
            case Input.ConsumerHeartbeatAnswer answer ->
                with().awaiting(false).build().onAnswer(answer);
            case Input.Unanswered() -> retry(with().awaiting(false).full(true), false);
            case Input.Released() -> released();
            case Input.PollOverdue() -> pollOverdue();
            case Input.Polled() -> phase == Phase.IDLE ? join(with()) : same();
            case Input.Leave() -> leave();
            case Input.JoinAnswer _,
                    Input.AssignmentMade _,
                    Input.SyncAnswer _,
                    Input.HeartbeatAnswer _,
                    Input.PartitionsChanged _ -> same();
        };
    }

    private Step subscribe(Subscription wanted) {
        Change change = with().subscription(wanted).full(true);
        if (phase == Phase.OUT) return join(change);
        return isAwaitingAnswer ? change.step() : change.build().heartbeat();
    }

    private Step join(Change change) {
        ConsumerMembership joining = change.phase(Phase.JOINING)
                .epoch(0)
                .owned(NOTHING)
                .target(NOTHING)
                .full(true)
                .build();
        return joining.heartbeat();
    }

    /// Sends one, unless one is under way or there is nothing to say.
    private Step heartbeat() {
        if (isAwaitingAnswer || phase == Phase.OUT || phase == Phase.IDLE || phase == Phase.LOSING) return same();
        return with().awaiting(true)
                .full(false)
                .step(new SendConsumerHeartbeat(memberId, epoch, isFullDue, subscription, owned));
    }

    private Step onAnswer(Input.ConsumerHeartbeatAnswer answer) {
        if (phase == Phase.OUT || phase == Phase.IDLE) return same(); // To a farewell.
        return switch (answer.error()) {
            case NONE -> accepted(answer);
            case NOT_COORDINATOR, COORDINATOR_NOT_AVAILABLE -> retry(with().full(true), true);
            case COORDINATOR_LOAD_IN_PROGRESS -> retry(with().full(true), false);
            case UNKNOWN_MEMBER_ID, FENCED_MEMBER_EPOCH -> fenced();
            case UNSUPPORTED_VERSION -> with().phase(Phase.OUT).step(new FallBack());
            default ->
                with().phase(Phase.OUT)
                        .epoch(-1)
                        .owned(NOTHING)
                        .step(new Lose(owned), new Fail(answer.error(), answer.message()));
        };
    }

    private Step accepted(Input.ConsumerHeartbeatAnswer answer) {
        SortedSet<TopicPartition> wanted = answer.assignment();
        Change change = with().epoch(answer.memberEpoch()).interval(answer.heartbeatIntervalMs());
        if (!answer.memberId().isEmpty()) change.memberId(answer.memberId());
        if (wanted != null) change.target(wanted);
        if (phase == Phase.JOINING) change.phase(Phase.STABLE);
        ConsumerMembership next = change.build();
        if (next.phase == Phase.STABLE && !next.target.equals(next.owned)) return next.reconcile();
        // Something to say came up while the heartbeat was under way.
        if (next.isFullDue) return next.heartbeat();
        return next.with().step(next.pause());
    }

    private HeartbeatIn pause() {
        return new HeartbeatIn(
                heartbeatIntervalMs > 0 ? new Delay.Millis(heartbeatIntervalMs) : new Delay.Configured());
    }

    /// Gives up first, then takes.
    private Step reconcile() {
        SortedSet<TopicPartition> surplus = Membership.minus(owned, target);
        if (surplus.isEmpty()) return take(List.of());
        return with().phase(Phase.REVOKING).step(new Revoke(surplus), pause());
    }

    /// Owns the target, and says so at once.
    private Step take(List<Effect> before) {
        List<Effect> effects = new ArrayList<>(before);
        SortedSet<TopicPartition> granted = Membership.minus(target, owned);
        if (!granted.isEmpty()) effects.add(new Grant(granted));
        ConsumerMembership taken =
                with().phase(Phase.STABLE).owned(target).full(true).build();
        Step said = taken.heartbeat();
        effects.addAll(said.effects());
        return new Step(said.next(), effects);
    }

    private Step released() {
        return switch (phase) {
            case REVOKING -> {
                // The target may have changed meanwhile: what was given up is gone, whatever it says now.
                ConsumerMembership rest = with().phase(Phase.STABLE)
                        .owned(intersection(owned, target))
                        .build();
                yield rest.take(List.of());
            }
            case LOSING -> join(with());
            case OUT, JOINING, STABLE, IDLE -> same();
        };
    }

    private static SortedSet<TopicPartition> intersection(
            SortedSet<TopicPartition> one, SortedSet<TopicPartition> other) {
        SortedSet<TopicPartition> both = new TreeSet<>(one);
        both.retainAll(other);
        return both;
    }

    private Step fenced() {
        if (owned.isEmpty()) return join(with());
        return with().phase(Phase.LOSING)
                .epoch(0)
                .owned(NOTHING)
                .target(NOTHING)
                .step(new Lose(owned));
    }

    private Step retry(Change change, boolean isElsewhere) {
        if (phase == Phase.OUT || phase == Phase.IDLE) return change.step();
        HeartbeatIn later = new HeartbeatIn(new Delay.Backoff());
        return isElsewhere ? change.step(new FindCoordinator(), later) : change.step(later);
    }

    private Step pollOverdue() {
        if (phase == Phase.OUT || phase == Phase.IDLE) return same();
        return with().phase(Phase.IDLE).epoch(0).owned(NOTHING).target(NOTHING).step(farewell(), new Lose(owned));
    }

    private Step leave() {
        if (phase == Phase.OUT || phase == Phase.IDLE)
            return with().phase(Phase.OUT).step();
        return with().phase(Phase.OUT).epoch(-1).owned(NOTHING).step(farewell());
    }

    private SendConsumerHeartbeat farewell() {
        int farewell = isStatic && phase != Phase.IDLE ? LEAVE_FOR_A_WHILE : LEAVE;
        return new SendConsumerHeartbeat(memberId, farewell, false, subscription, NOTHING);
    }

    private Step same() {
        return new Step(this, List.of());
    }

    private Change with() {
        return new Change(this);
    }

    /// A copy with changes.
    private static final class Change {
        private final ConsumerMembership from;
        private Phase phase;
        private String memberId;
        private int epoch;
        private Subscription subscription;
        private SortedSet<TopicPartition> owned;
        private SortedSet<TopicPartition> target;
        private boolean isFullDue;
        private boolean isAwaitingAnswer;
        private int heartbeatIntervalMs;

        Change(ConsumerMembership from) {
            this.from = from;
            this.phase = from.phase;
            this.memberId = from.memberId;
            this.epoch = from.epoch;
            this.subscription = from.subscription;
            this.owned = from.owned;
            this.target = from.target;
            this.isFullDue = from.isFullDue;
            this.isAwaitingAnswer = from.isAwaitingAnswer;
            this.heartbeatIntervalMs = from.heartbeatIntervalMs;
        }

        Change phase(Phase value) {
            phase = value;
            return this;
        }

        Change memberId(String value) {
            memberId = value;
            return this;
        }

        Change epoch(int value) {
            epoch = value;
            return this;
        }

        Change subscription(Subscription value) {
            subscription = value;
            return this;
        }

        Change owned(SortedSet<TopicPartition> value) {
            owned = value;
            return this;
        }

        Change target(SortedSet<TopicPartition> value) {
            target = value;
            return this;
        }

        Change full(boolean value) {
            isFullDue = value;
            return this;
        }

        Change awaiting(boolean value) {
            isAwaitingAnswer = value;
            return this;
        }

        Change interval(int value) {
            heartbeatIntervalMs = value;
            return this;
        }

        ConsumerMembership build() {
            return new ConsumerMembership(
                    phase,
                    memberId,
                    from.isStatic,
                    epoch,
                    subscription,
                    owned,
                    target,
                    isFullDue,
                    isAwaitingAnswer,
                    heartbeatIntervalMs);
        }

        Step step(Effect... effects) {
            return new Step(build(), List.of(effects));
        }
    }
}
