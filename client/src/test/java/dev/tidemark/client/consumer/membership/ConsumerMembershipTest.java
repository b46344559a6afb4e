package dev.tidemark.client.consumer.membership;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.base.TopicPartition;
import dev.tidemark.client.consumer.membership.ConsumerMembership.Phase;
import dev.tidemark.client.consumer.membership.Membership.Delay;
import dev.tidemark.client.consumer.membership.Membership.Effect;
import dev.tidemark.client.consumer.membership.Membership.Input;
import dev.tidemark.client.consumer.membership.Membership.Subscription;
import dev.tidemark.protocol.ErrorCode;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

final class ConsumerMembershipTest {
    private static final Subscription TOPIC = new Subscription(new TreeSet<>(List.of("t")), null);
    private Membership membership = ConsumerMembership.create("m", false);

    private List<Effect> on(Input input) {
        Membership.Step step = membership.step(input);
        membership = step.next();
        return step.effects();
    }

    private static SortedSet<TopicPartition> partitions(int... indexes) {
        SortedSet<TopicPartition> partitions = new TreeSet<>();
        for (int index : indexes) partitions.add(new TopicPartition("t", index));
        return partitions;
    }

    private static Input answer(int epoch, @Nullable SortedSet<TopicPartition> assignment) {
        return new Input.ConsumerHeartbeatAnswer(ErrorCode.NONE, null, "m", epoch, 5000, assignment);
    }

    private static Input refusal(ErrorCode error) {
        return new Input.ConsumerHeartbeatAnswer(error, null, "", 0, 0, null);
    }

    private static Effect heartbeat(int epoch, boolean isFull, int... owned) {
        return new Effect.SendConsumerHeartbeat("m", epoch, isFull, TOPIC, partitions(owned));
    }

    private static final Effect IN_FIVE_SECONDS = new Effect.HeartbeatIn(new Delay.Millis(5000));

    private Phase phase() {
        return ((ConsumerMembership) membership).phase();
    }

    @Test
    void joinsTakesAndAcknowledges() {
        assertThat(on(new Input.Subscribe(TOPIC))).containsExactly(heartbeat(0, true));
        assertThat(on(answer(1, partitions(0, 1))))
                .containsExactly(new Effect.Grant(partitions(0, 1)), heartbeat(1, true, 0, 1));
        assertThat(membership.owned()).isEqualTo(partitions(0, 1));
        assertThat(on(answer(1, null))).containsExactly(IN_FIVE_SECONDS);
        assertThat(on(new Input.HeartbeatDue())).containsExactly(heartbeat(1, false, 0, 1));
    }

    private void join(int... indexes) {
        on(new Input.Subscribe(TOPIC));
        on(answer(1, partitions(indexes)));
        on(answer(1, null));
    }

    @Test
    void givesUpBeforeItTakes() {
        join(0, 1);
        on(new Input.HeartbeatDue());

        assertThat(on(answer(2, partitions(1, 2)))).containsExactly(new Effect.Revoke(partitions(0)), IN_FIVE_SECONDS);
        assertThat(on(new Input.HeartbeatDue())).as("goes on meanwhile").containsExactly(heartbeat(2, false, 0, 1));
        on(answer(2, null));

        assertThat(on(new Input.Released())).containsExactly(new Effect.Grant(partitions(2)), heartbeat(2, true, 1, 2));
    }

    @Test
    void aTargetThatChangesWhileGivingUpDoesNotBringBackWhatIsGone() {
        join(0, 1);
        on(new Input.HeartbeatDue());
        on(answer(2, partitions(1)));
        on(new Input.HeartbeatDue());
        on(answer(3, partitions(0, 1)));

        // The application was told to give up 0: it is granted anew.
        List<Effect> effects = on(new Input.Released());

        assertThat(effects).contains(heartbeat(3, true, 0, 1));
        assertThat(membership.owned()).isEqualTo(partitions(0, 1));
    }

    @Test
    void aFencedMemberLosesAllAndJoinsAgain() {
        join(0);
        on(new Input.HeartbeatDue());

        assertThat(on(refusal(ErrorCode.FENCED_MEMBER_EPOCH))).containsExactly(new Effect.Lose(partitions(0)));
        assertThat(on(new Input.HeartbeatDue()))
                .as("not before the application knows")
                .isEmpty();
        assertThat(on(new Input.Released())).containsExactly(heartbeat(0, true));
    }

    @Test
    void asksElsewhereWhenTheCoordinatorMoved() {
        join(0);
        on(new Input.HeartbeatDue());

        assertThat(on(refusal(ErrorCode.NOT_COORDINATOR)))
                .containsExactly(new Effect.FindCoordinator(), new Effect.HeartbeatIn(new Delay.Backoff()));
        assertThat(on(new Input.HeartbeatDue())).as("says everything").containsExactly(heartbeat(1, true, 0));
    }

    @Test
    void fallsBackWhereTheBrokerIsTooOld() {
        on(new Input.Subscribe(TOPIC));

        assertThat(on(refusal(ErrorCode.UNSUPPORTED_VERSION))).containsExactly(new Effect.FallBack());
        assertThat(phase()).isEqualTo(Phase.OUT);
    }

    @Test
    void leavesWhenTheApplicationSleepsAndComesBackWhenItPolls() {
        join(0);

        assertThat(on(new Input.PollOverdue())).containsExactly(heartbeat(-1, false), new Effect.Lose(partitions(0)));
        assertThat(on(answer(-1, null))).as("the answer to the farewell").isEmpty();
        assertThat(on(new Input.Polled())).containsExactly(heartbeat(0, true));
    }

    @Test
    void aStaticMemberLeavesForAWhile() {
        membership = ConsumerMembership.create("m", true);
        join(0);

        assertThat(on(new Input.Leave())).containsExactly(heartbeat(-2, false));
    }

    @Test
    void aSubscriptionThatChangesUnderWayIsSaidNext() {
        on(new Input.Subscribe(TOPIC));
        Subscription both = new Subscription(new TreeSet<>(List.of("t", "u")), null);

        assertThat(on(new Input.Subscribe(both))).as("one heartbeat at a time").isEmpty();
        assertThat(on(answer(1, null)))
                .containsExactly(new Effect.SendConsumerHeartbeat("m", 1, true, both, partitions()));
    }

    @Test
    void aRefusalForGoodIsTold() {
        join(0);
        on(new Input.HeartbeatDue());

        assertThat(on(refusal(ErrorCode.GROUP_AUTHORIZATION_FAILED)))
                .containsExactly(
                        new Effect.Lose(partitions(0)), new Effect.Fail(ErrorCode.GROUP_AUTHORIZATION_FAILED, null));
        assertThat(on(new Input.HeartbeatDue())).isEmpty();
    }
}
