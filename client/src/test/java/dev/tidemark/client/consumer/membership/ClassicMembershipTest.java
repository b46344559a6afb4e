package dev.tidemark.client.consumer.membership;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.base.TopicPartition;
import dev.tidemark.client.consumer.membership.Membership.Delay;
import dev.tidemark.client.consumer.membership.Membership.Effect;
import dev.tidemark.client.consumer.membership.Membership.Input;
import dev.tidemark.client.consumer.membership.Membership.MemberSubscription;
import dev.tidemark.client.consumer.membership.Membership.Subscription;
import dev.tidemark.protocol.ErrorCode;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

final class ClassicMembershipTest {
    private static final Subscription TOPIC = new Subscription(new TreeSet<>(List.of("t")), null);
    private static final Effect LATER = new Effect.HeartbeatIn(new Delay.Configured());
    private Membership membership = ClassicMembership.create(false, false);

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

    private static Effect join(String memberId, int generation, int... owned) {
        return new Effect.SendJoin(memberId, TOPIC.topics(), partitions(owned), generation);
    }

    private static Input joined(int generation, String leader) {
        return new Input.JoinAnswer(ErrorCode.NONE, generation, "m", leader, "range", Map.of());
    }

    private static Input synced(int... indexes) {
        return new Input.SyncAnswer(ErrorCode.NONE, partitions(indexes));
    }

    @Test
    void joinsWithTheIdThatItIsGiven() {
        assertThat(on(new Input.Subscribe(TOPIC))).containsExactly(join("", -1));
        assertThat(on(new Input.JoinAnswer(ErrorCode.MEMBER_ID_REQUIRED, -1, "m", "", "", Map.of())))
                .containsExactly(join("m", -1));
        assertThat(on(joined(1, "other"))).containsExactly(new Effect.SendSync("m", 1, Map.of()));
        assertThat(on(synced(0, 1))).containsExactly(new Effect.Grant(partitions(0, 1)), LATER);
        assertThat(on(new Input.HeartbeatDue())).containsExactly(new Effect.SendHeartbeat("m", 1));
        assertThat(on(new Input.HeartbeatAnswer(ErrorCode.NONE))).containsExactly(LATER);
    }

    @Test
    void theLeaderAssigns() {
        on(new Input.Subscribe(TOPIC));
        Map<String, MemberSubscription> members = Map.of("m", new MemberSubscription(TOPIC.topics(), partitions(), -1));

        assertThat(on(new Input.JoinAnswer(ErrorCode.NONE, 1, "m", "m", "range", members)))
                .containsExactly(new Effect.Assign("range", members));
        assertThat(on(new Input.AssignmentMade(Map.of("m", partitions(0)))))
                .containsExactly(new Effect.SendSync("m", 1, Map.of("m", partitions(0))));
    }

    private void enter(int... indexes) {
        on(new Input.Subscribe(TOPIC));
        on(joined(1, "other"));
        on(synced(indexes));
    }

    @Test
    void eagerMembersGiveUpAllBeforeTheyJoinAgain() {
        enter(0, 1);
        on(new Input.HeartbeatDue());

        assertThat(on(new Input.HeartbeatAnswer(ErrorCode.REBALANCE_IN_PROGRESS)))
                .containsExactly(new Effect.Revoke(partitions(0, 1)));
        assertThat(on(new Input.Released())).containsExactly(join("m", 1));
        on(joined(2, "other"));
        assertThat(on(synced(1))).containsExactly(new Effect.Grant(partitions(1)), LATER);
    }

    @Test
    void cooperativeMembersGiveUpWhatMovesAndJoinOnceMore() {
        membership = ClassicMembership.create(true, false);
        enter(0, 1);
        on(new Input.HeartbeatDue());

        assertThat(on(new Input.HeartbeatAnswer(ErrorCode.REBALANCE_IN_PROGRESS)))
                .containsExactly(join("m", 1, 0, 1));
        on(joined(2, "other"));
        assertThat(on(synced(0))).containsExactly(new Effect.Revoke(partitions(1)), LATER);
        assertThat(on(new Input.Released())).containsExactly(join("m", 2, 0));
        on(joined(3, "other"));
        assertThat(on(synced(0))).containsExactly(LATER);
        assertThat(membership.owned()).isEqualTo(partitions(0));
    }

    @Test
    void aMemberThatWasForgottenLosesAllAndBeginsAnew() {
        enter(0);
        on(new Input.HeartbeatDue());

        assertThat(on(new Input.HeartbeatAnswer(ErrorCode.UNKNOWN_MEMBER_ID)))
                .containsExactly(new Effect.Lose(partitions(0)));
        assertThat(on(new Input.Released())).containsExactly(join("", -1));
    }

    @Test
    void aLostSyncJoinsAgain() {
        on(new Input.Subscribe(TOPIC));
        on(joined(1, "other"));

        assertThat(on(new Input.Unanswered())).containsExactly(new Effect.HeartbeatIn(new Delay.Backoff()));
        assertThat(on(new Input.HeartbeatDue())).containsExactly(join("m", 1));
    }

    @Test
    void leaves() {
        enter(0);

        assertThat(on(new Input.Leave())).containsExactly(new Effect.SendLeave("m"));
        assertThat(on(new Input.HeartbeatDue())).isEmpty();
    }

    @Test
    void aStaticMemberSaysNoFarewell() {
        membership = ClassicMembership.create(false, true);
        enter(0);

        assertThat(on(new Input.Leave())).isEmpty();
    }

    @Test
    void theLeaderJoinsAgainWhenItsTopicsHaveOtherPartitions() {
        membership = ClassicMembership.create(true, false);
        enter(0, 1);

        assertThat(on(new Input.PartitionsChanged(membership.epoch() - 1))).isEmpty();
        assertThat(on(new Input.PartitionsChanged(membership.epoch())))
                .containsExactly(join("m", membership.epoch(), 0, 1));
    }
}
