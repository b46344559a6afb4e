package dev.tidemark.metadata.controller;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.base.TopicPartition;
import dev.tidemark.base.Uuid;
import dev.tidemark.metadata.controller.ControllerInput.BalanceLeaders;
import dev.tidemark.metadata.controller.ControllerInput.BrokerRegistered;
import dev.tidemark.metadata.controller.ControllerInput.CreatePartitions;
import dev.tidemark.metadata.controller.ControllerInput.ElectLeaders;
import dev.tidemark.metadata.controller.ControllerInput.ElectionType;
import dev.tidemark.metadata.controller.ControllerReply.LeadersElected;
import dev.tidemark.metadata.image.BrokerRegistration;
import dev.tidemark.metadata.image.MetadataChange;
import dev.tidemark.metadata.image.OfflineReplicas;
import dev.tidemark.metadata.image.PartitionRegistration;
import dev.tidemark.protocol.ErrorCode;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/// Brokers that live, with log directories that have failed.
class OfflineReplicasTest {
    private final Cluster cluster = new Cluster(3);

    private void offline(int broker, OfflineReplicas offline) {
        BrokerRegistration before = cluster.image.broker(broker).orElseThrow();
        cluster.image = cluster.image.with(new MetadataChange.BrokerRegistered(before.withOffline(offline)));
        cluster.run(new BrokerRegistered(broker));
    }

    private static OfflineReplicas only(Uuid topicId, Integer... partitions) {
        return new OfflineReplicas(false, new TreeMap<>(Map.of(topicId, List.of(partitions))));
    }

    private PartitionRegistration partition(String topic, int index) {
        return cluster.partition(topic, index);
    }

    @Test
    void anotherMemberOfTheIsrLeadsAtOnce() {
        Uuid id = cluster.createOn("t", List.of(1, 2, 3), List.of(1, 3, 2));

        offline(1, only(id, 0));

        assertThat(partition("t", 0).leader()).isEqualTo(2);
        assertThat(partition("t", 0).isr()).containsExactly(2, 3);
        assertThat(partition("t", 0).leaderEpoch()).isEqualTo(1);
        assertThat(partition("t", 1).leader()).isEqualTo(1);
        assertThat(partition("t", 1).isr()).containsExactly(1, 3, 2);
        assertThat(partition("t", 1).partitionEpoch()).isZero();
    }

    @Test
    void aFollowerLeavesTheIsrUnderTheSameLeader() {
        Uuid id = cluster.createOn("t", List.of(1, 2, 3));

        offline(2, only(id, 0));

        assertThat(partition("t", 0).leader()).isEqualTo(1);
        assertThat(partition("t", 0).leaderEpoch()).isZero();
        assertThat(partition("t", 0).isr()).containsExactly(1, 3);
    }

    @Test
    void itComesInAgainWhenTheDiskWorks() {
        cluster.createOn("t", List.of(1, 2));
        offline(1, OfflineReplicas.ALL);

        assertThat(cluster.proposeIsr("t", 2, 2, 1)).isEqualTo(ErrorCode.INELIGIBLE_REPLICA);
        offline(1, OfflineReplicas.NONE);

        assertThat(partition("t", 0).isr()).containsExactly(2);
        assertThat(cluster.proposeIsr("t", 2, 2, 1)).isEqualTo(ErrorCode.NONE);
        assertThat(partition("t", 0).isr()).containsExactly(2, 1);
    }

    @Test
    void theLastMembersStayInTheIsrAndTheFirstThatIsBackLeads() {
        cluster.createOn("t", List.of(1, 2, 3));
        cluster.lose(3);
        cluster.run(new ControllerInput.BrokerGone(3));
        offline(2, OfflineReplicas.ALL);
        offline(1, OfflineReplicas.ALL);
        assertThat(partition("t", 0).hasLeader()).isFalse();
        assertThat(partition("t", 0).isr()).containsExactly(1);
        int epoch = partition("t", 0).leaderEpoch();

        offline(2, OfflineReplicas.NONE);
        assertThat(partition("t", 0).hasLeader()).isFalse();
        offline(1, OfflineReplicas.NONE);

        assertThat(partition("t", 0).leader()).isEqualTo(1);
        assertThat(partition("t", 0).leaderEpoch()).isEqualTo(epoch + 1);
    }

    @Test
    void aDeadMemberThatHasAllDoesNotLoseItsPlaceToAReplicaWithoutADisk() {
        cluster.createOn("t", List.of(1, 2));
        cluster.lose(2);
        cluster.image = cluster.image.with(new MetadataChange.BrokerRegistered(
                cluster.image.broker(1).orElseThrow().withOffline(OfflineReplicas.ALL)));
        cluster.run(new ControllerInput.Elected());

        assertThat(partition("t", 0).hasLeader()).isFalse();
        assertThat(partition("t", 0).isr()).containsExactly(1, 2);
        cluster.register(2, 12, null, true);
        cluster.run(new BrokerRegistered(2));

        assertThat(partition("t", 0).leader()).isEqualTo(2);
        assertThat(partition("t", 0).isr()).containsExactly(2);
    }

    @Test
    void whereLossIsAllowedOneFromOutsideOfTheIsrLeads() {
        cluster.createOn("t", List.of(1, 2));
        cluster.configure("t", "unclean.leader.election.enable", "true");
        assertThat(cluster.proposeIsr("t", 1, 1)).isEqualTo(ErrorCode.NONE);

        offline(1, OfflineReplicas.ALL);

        assertThat(partition("t", 0).leader()).isEqualTo(2);
        assertThat(partition("t", 0).isr()).containsExactly(2);
    }

    @Test
    void anOperatorMayElectOneFromOutsideOfTheIsr() {
        cluster.createOn("t", List.of(1, 2));
        assertThat(cluster.proposeIsr("t", 1, 1)).isEqualTo(ErrorCode.NONE);
        offline(1, OfflineReplicas.ALL);
        assertThat(partition("t", 0).hasLeader()).isFalse();

        var reply = (LeadersElected) cluster.run(new ElectLeaders(ElectionType.UNCLEAN, Optional.empty()));

        assertThat(reply.partitions()).hasSize(1);
        assertThat(partition("t", 0).leader()).isEqualTo(2);
    }

    @Test
    void nobodyGivesItLeadershipsBack() {
        cluster.createOn("t", List.of(1, 2));
        offline(1, OfflineReplicas.ALL);

        cluster.run(new BalanceLeaders(0));
        var reply = (LeadersElected)
                cluster.run(new ElectLeaders(ElectionType.PREFERRED, Optional.of(List.of(new TopicPartition("t", 0)))));

        assertThat(reply.partitions().getFirst().outcome().error()).isEqualTo(ErrorCode.PREFERRED_LEADER_NOT_AVAILABLE);
        assertThat(partition("t", 0).leader()).isEqualTo(2);
    }

    @Test
    void aNewTopicIsLedByOneThatHasADisk() {
        offline(1, OfflineReplicas.ALL);

        cluster.createOn("t", List.of(1, 2));

        assertThat(partition("t", 0).leader()).isEqualTo(2);
        assertThat(partition("t", 0).isr()).containsExactly(2);
    }

    @Test
    void newReplicasGoWhereADiskWorksWhileThereAreEnough() {
        offline(1, OfflineReplicas.ALL);

        cluster.create("narrow", 4, 1);
        cluster.create("wide", 4, 3);
        cluster.run(new CreatePartitions(
                List.of(new PartitionsRequest("narrow", 6, List.of())), false, ControllerInput.Origin.CLIENT, 0));

        for (int index = 0; index < 6; index++)
            assertThat(partition("narrow", index).leader()).isIn(2, 3);
        for (int index = 0; index < 4; index++) {
            assertThat(partition("wide", index).replicas()).containsExactlyInAnyOrder(1, 2, 3);
            assertThat(partition("wide", index).isr()).containsExactlyInAnyOrder(2, 3);
        }
    }

    @Test
    void aNewPartitionWithoutAnyDiskWaitsForOne() {
        cluster.createOn("t", List.of(1));
        offline(1, OfflineReplicas.ALL);

        cluster.run(new CreatePartitions(
                List.of(new PartitionsRequest("t", 2, List.of(List.of(1)))), false, ControllerInput.Origin.CLIENT, 0));
        assertThat(partition("t", 1).hasLeader()).isFalse();
        assertThat(partition("t", 1).isr()).containsExactly(1);
        offline(1, OfflineReplicas.NONE);

        assertThat(partition("t", 1).leader()).isEqualTo(1);
        assertThat(partition("t", 1).leaderEpoch()).isEqualTo(1);
    }

    @Test
    void anEarlierTopicOfTheSameNameIsNotMeant() {
        Uuid earlier = cluster.newId();
        offline(1, only(earlier, 0));

        cluster.createOn("t", List.of(1, 2));

        assertThat(partition("t", 0).leader()).isEqualTo(1);
    }

    @Test
    void ofSeveralThatMayHaveLostRecordsOneThatHasADiskStays() {
        cluster.createOn("t", List.of(1, 2));
        cluster.lose(1);
        cluster.lose(2);
        cluster.run(new ControllerInput.Elected());
        cluster.register(1, 11, null, false);
        cluster.register(2, 12, null, false);

        offline(1, OfflineReplicas.ALL);

        assertThat(partition("t", 0).leader()).isEqualTo(2);
        assertThat(partition("t", 0).isr()).containsExactly(2);
    }

    @Test
    void aBrokersOwnConfigSaysThatNothingIsLostByAnUncleanStop() {
        ControllerSettings settings = ControllerSettings.DEFAULTS.withFlushBeforeAck(true);
        Cluster forcing = new Cluster(settings, 2);
        forcing.createOn("t", List.of(1, 2));

        forcing.register(1, 11, null, false);
        forcing.run(new BrokerRegistered(1));

        assertThat(forcing.partition("t", 0).isr()).containsExactly(1, 2);
    }
}
