package dev.tidemark.metadata.controller;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.base.TopicPartition;
import dev.tidemark.base.Uuid;
import dev.tidemark.metadata.controller.ControllerInput.AlterPartition;
import dev.tidemark.metadata.controller.ControllerInput.BrokerGone;
import dev.tidemark.metadata.controller.ControllerInput.BrokerRegistered;
import dev.tidemark.metadata.controller.ControllerInput.ElectLeaders;
import dev.tidemark.metadata.controller.ControllerInput.ElectionType;
import dev.tidemark.metadata.controller.ControllerInput.IsrChange;
import dev.tidemark.metadata.controller.ControllerInput.IsrMember;
import dev.tidemark.metadata.controller.ControllerReply.LeadersElected;
import dev.tidemark.metadata.controller.ControllerReply.PartitionsAltered;
import dev.tidemark.metadata.image.ConfigResource;
import dev.tidemark.metadata.image.PartitionRegistration;
import dev.tidemark.protocol.ErrorCode;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class LeadershipTest {
    private final Cluster cluster = new Cluster(3);
    private Uuid topicId;

    /// Partition 0 on brokers 1, 2, 3.
    @BeforeEach
    void createTopic() {
        topicId = cluster.createOn("t", List.of(1, 2, 3));
    }

    private PartitionRegistration partition() {
        return cluster.partition("t", 0);
    }

    private void lose(int broker) {
        cluster.lose(broker);
        cluster.run(new BrokerGone(broker));
    }

    private void register(int broker, boolean stoppedCleanly) {
        cluster.register(broker, 100 + broker, null, stoppedCleanly);
        cluster.run(new BrokerRegistered(broker));
    }

    private ErrorCode shrink(int broker, long brokerEpoch, int leaderEpoch, int partitionEpoch, List<IsrMember> isr) {
        var reply = (PartitionsAltered) cluster.run(new AlterPartition(
                broker, brokerEpoch, List.of(new IsrChange(topicId, 0, leaderEpoch, partitionEpoch, isr))));
        return reply.error() != ErrorCode.NONE
                ? reply.error()
                : reply.partitions().getFirst().error();
    }

    private static List<IsrMember> members(int... brokers) {
        return java.util.Arrays.stream(brokers)
                .mapToObj(id -> new IsrMember(id, -1))
                .toList();
    }

    @Test
    void aDeadLeaderIsReplacedFromTheIsrUnderANewEpoch() {
        lose(1);

        assertThat(partition().leader()).isEqualTo(2);
        assertThat(partition().isr()).containsExactly(2, 3);
        assertThat(partition().leaderEpoch()).isEqualTo(1);
        assertThat(partition().partitionEpoch()).isEqualTo(1);
    }

    @Test
    void aDeadFollowerLeavesTheIsrWithoutANewLeaderEpoch() {
        lose(3);

        assertThat(partition().leader()).isEqualTo(1);
        assertThat(partition().isr()).containsExactly(1, 2);
        assertThat(partition().leaderEpoch()).isZero();
        assertThat(partition().partitionEpoch()).isEqualTo(1);
    }

    @Test
    void theLastMemberOfTheIsrIsWaitedFor() {
        lose(2);
        lose(3);
        lose(1);
        assertThat(partition().hasLeader()).isFalse();
        assertThat(partition().isr()).containsExactly(1);

        register(3, true);
        assertThat(partition().hasLeader()).isFalse();
        register(1, true);

        assertThat(partition().leader()).isEqualTo(1);
        assertThat(partition().isr()).containsExactly(1);
    }

    @Test
    void anUncleanElectionHappensOnlyWhereItIsAllowed() {
        cluster.configure("t", "unclean.leader.election.enable", "true");
        lose(2);
        lose(3);
        lose(1);

        register(3, true);

        assertThat(partition().leader()).isEqualTo(3);
        assertThat(partition().isr()).containsExactly(3);
    }

    @Test
    void whatIsSetForABrokerSaysNothingOfTheTopicThatIsNamedAsItIs() {
        cluster.createOn("2", List.of(2, 3));
        cluster.lose(2); // And nobody has looked at its partitions yet.

        cluster.configure(ConfigResource.broker(2), "unclean.leader.election.enable", "true");

        assertThat(cluster.partition("2", 0).leader()).isEqualTo(2);
    }

    @Test
    void aLeaderThatComesBackUncleanlyLosesItsPlaceToASafeOne() {
        register(1, false);

        assertThat(partition().leader()).isEqualTo(2);
        assertThat(partition().isr()).containsExactly(2, 3);
    }

    @Test
    void aLoneLeaderThatComesBackUncleanlyBeginsANewEpoch() {
        lose(2);
        lose(3);
        int before = partition().leaderEpoch();

        register(1, false);

        assertThat(partition().leader()).isEqualTo(1);
        assertThat(partition().leaderEpoch()).isEqualTo(before + 1);
    }

    @Test
    void aLeaderThatComesBackCleanlyGoesOn() {
        PartitionRegistration before = partition();

        register(1, true);

        assertThat(partition()).isEqualTo(before);
    }

    @Test
    void aLeaderShrinksAndExpandsItsIsr() {
        assertThat(shrink(1, 1, 0, 0, members(1, 2))).isEqualTo(ErrorCode.NONE);
        assertThat(partition().isr()).containsExactly(1, 2);
        assertThat(partition().partitionEpoch()).isEqualTo(1);

        assertThat(shrink(1, 1, 0, 1, List.of(new IsrMember(1, 1), new IsrMember(2, 2), new IsrMember(3, 3))))
                .isEqualTo(ErrorCode.NONE);
        assertThat(partition().isr()).containsExactly(1, 2, 3);
        assertThat(partition().leaderEpoch()).isZero();
    }

    @Test
    void aChangeOfAnIsrIsFencedByEveryEpoch() {
        assertThat(shrink(1, 0, 0, 0, members(1))).isEqualTo(ErrorCode.STALE_BROKER_EPOCH);
        assertThat(shrink(9, 0, 0, 0, members(9))).isEqualTo(ErrorCode.STALE_BROKER_EPOCH);
        assertThat(shrink(2, 2, 0, 0, members(2))).isEqualTo(ErrorCode.INVALID_REQUEST);
        assertThat(shrink(1, 1, 1, 0, members(1))).isEqualTo(ErrorCode.NOT_CONTROLLER);
        assertThat(shrink(1, 1, 0, 5, members(1))).isEqualTo(ErrorCode.NOT_CONTROLLER);
        assertThat(shrink(1, 1, 0, -1, members(1))).isEqualTo(ErrorCode.INVALID_UPDATE_VERSION);
        assertThat(shrink(1, 1, 0, 0, members(2, 3))).isEqualTo(ErrorCode.INVALID_REQUEST);
        assertThat(shrink(1, 1, 0, 0, members(1, 9))).isEqualTo(ErrorCode.INVALID_REQUEST);
        assertThat(shrink(1, 1, 0, 0, List.of(new IsrMember(1, 1), new IsrMember(2, 77))))
                .isEqualTo(ErrorCode.INELIGIBLE_REPLICA);
        lose(1);
        assertThat(shrink(2, 2, 0, 1, members(2))).isEqualTo(ErrorCode.FENCED_LEADER_EPOCH);
        assertThat(shrink(2, 2, 1, 1, members(2, 1))).isEqualTo(ErrorCode.INELIGIBLE_REPLICA);
    }

    private ErrorCode elect(ElectionType type) {
        var reply =
                (LeadersElected) cluster.run(new ElectLeaders(type, Optional.of(List.of(new TopicPartition("t", 0)))));
        return reply.partitions().getFirst().outcome().error();
    }

    @Test
    void thePreferredLeaderIsElectedWhereItCan() {
        assertThat(elect(ElectionType.PREFERRED)).isEqualTo(ErrorCode.ELECTION_NOT_NEEDED);
        lose(1);
        assertThat(elect(ElectionType.PREFERRED)).isEqualTo(ErrorCode.PREFERRED_LEADER_NOT_AVAILABLE);
        register(1, true);
        assertThat(elect(ElectionType.PREFERRED)).isEqualTo(ErrorCode.PREFERRED_LEADER_NOT_AVAILABLE);
        shrink(2, 2, 1, 1, members(1, 2, 3));

        assertThat(elect(ElectionType.PREFERRED)).isEqualTo(ErrorCode.NONE);

        assertThat(partition().leader()).isEqualTo(1);
        assertThat(partition().leaderEpoch()).isEqualTo(2);
    }

    @Test
    void anUncleanLeaderIsElectedWhereThereIsNone() {
        assertThat(elect(ElectionType.UNCLEAN)).isEqualTo(ErrorCode.ELECTION_NOT_NEEDED);
        lose(2);
        lose(3);
        lose(1);
        assertThat(elect(ElectionType.UNCLEAN)).isEqualTo(ErrorCode.ELIGIBLE_LEADERS_NOT_AVAILABLE);
        register(3, true);

        assertThat(elect(ElectionType.UNCLEAN)).isEqualTo(ErrorCode.NONE);

        assertThat(partition().leader()).isEqualTo(3);
        assertThat(partition().isr()).containsExactly(3);
    }
}
