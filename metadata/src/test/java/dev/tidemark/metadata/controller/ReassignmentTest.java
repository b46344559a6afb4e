package dev.tidemark.metadata.controller;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.base.TopicPartition;
import dev.tidemark.base.Uuid;
import dev.tidemark.metadata.controller.ControllerInput.AlterPartition;
import dev.tidemark.metadata.controller.ControllerInput.AlterPartitionReassignments;
import dev.tidemark.metadata.controller.ControllerInput.IsrChange;
import dev.tidemark.metadata.controller.ControllerInput.IsrMember;
import dev.tidemark.metadata.controller.ControllerInput.Reassignment;
import dev.tidemark.metadata.controller.ControllerReply.PartitionsAltered;
import dev.tidemark.metadata.controller.ControllerReply.ReassignmentsAltered;
import dev.tidemark.metadata.image.MetadataChange;
import dev.tidemark.metadata.image.PartitionRegistration;
import dev.tidemark.metadata.store.StoreOp;
import dev.tidemark.protocol.ErrorCode;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ReassignmentTest {
    private static final TopicPartition ID = new TopicPartition("t", 0);
    private final Cluster cluster = new Cluster(5);
    private Uuid topicId;

    /// Partition 0 on brokers 1, 2, 3.
    @BeforeEach
    void createTopic() {
        topicId = cluster.createOn("t", List.of(1, 2, 3));
    }

    private PartitionRegistration partition() {
        return cluster.partition("t", 0);
    }

    private ErrorCode reassign(boolean otherFactors, Integer... target) {
        return alter(otherFactors, Optional.of(List.of(target)));
    }

    private ErrorCode alter(boolean otherFactors, Optional<List<Integer>> target) {
        var reply = (ReassignmentsAltered)
                cluster.run(new AlterPartitionReassignments(List.of(new Reassignment(ID, target)), otherFactors));
        return reply.partitions().getFirst().outcome().error();
    }

    private ErrorCode alterIsr(Integer... isr) {
        PartitionRegistration now = partition();
        List<IsrMember> members = List.of(isr).stream()
                .map(id ->
                        new IsrMember(id, cluster.image.broker(id).orElseThrow().epoch()))
                .toList();
        long epoch = cluster.image.broker(now.leader()).orElseThrow().epoch();
        var reply = (PartitionsAltered) cluster.run(new AlterPartition(
                now.leader(),
                epoch,
                List.of(new IsrChange(topicId, 0, now.leaderEpoch(), now.partitionEpoch(), members))));
        return reply.partitions().getFirst().error();
    }

    @Test
    void aPartitionHasOldAndNewReplicasUntilAllNewOnesAreInSync() {
        assertThat(reassign(false, 4, 5, 1)).isEqualTo(ErrorCode.NONE);

        assertThat(partition().replicas()).containsExactly(4, 5, 1, 2, 3);
        assertThat(partition().addingReplicas()).containsExactly(4, 5);
        assertThat(partition().removingReplicas()).containsExactly(2, 3);
        assertThat(partition().leader()).isEqualTo(1);

        assertThat(alterIsr(1, 2, 3, 4)).isEqualTo(ErrorCode.NONE);
        assertThat(partition().replicas()).hasSize(5);
        assertThat(alterIsr(1, 2, 3, 4, 5)).isEqualTo(ErrorCode.NONE);

        assertThat(partition().replicas()).containsExactly(4, 5, 1);
        assertThat(partition().addingReplicas()).isEmpty();
        assertThat(partition().removingReplicas()).isEmpty();
        assertThat(partition().isr()).containsExactly(1, 4, 5);
        assertThat(partition().leader()).isEqualTo(1);
        assertThat(partition().leaderEpoch()).isZero();
    }

    @Test
    void aLeaderThatLeavesHandsOver() {
        reassign(true, 4, 5);

        assertThat(alterIsr(1, 2, 3, 4, 5)).isEqualTo(ErrorCode.NEW_LEADER_ELECTED);

        assertThat(partition().replicas()).containsExactly(4, 5);
        assertThat(partition().isr()).containsExactly(4, 5);
        assertThat(partition().leader()).isEqualTo(4);
        assertThat(partition().leaderEpoch()).isEqualTo(1);
    }

    @Test
    void fewerReplicasNeedNoWait() {
        assertThat(reassign(true, 2)).isEqualTo(ErrorCode.NONE);

        assertThat(partition().replicas()).containsExactly(2);
        assertThat(partition().isr()).containsExactly(2);
        assertThat(partition().leader()).isEqualTo(2);
    }

    @Test
    void aCancelledPartitionIsWhereItWas() {
        reassign(false, 4, 5, 1);
        alterIsr(1, 2, 3, 4);

        assertThat(alter(false, Optional.empty())).isEqualTo(ErrorCode.NONE);

        assertThat(partition().replicas()).containsExactlyInAnyOrder(1, 2, 3);
        assertThat(partition().isr()).containsExactly(1, 2, 3);
        assertThat(partition().addingReplicas()).isEmpty();
        assertThat(partition().removingReplicas()).isEmpty();
        assertThat(alter(false, Optional.empty())).isEqualTo(ErrorCode.NO_REASSIGNMENT_IN_PROGRESS);
    }

    @Test
    void anotherTargetTakesThePlaceOfTheFirst() {
        reassign(false, 4, 2, 3);
        alterIsr(1, 2, 3, 4);
        reassign(false, 5, 2, 3);

        // The first one was complete, the second one begins from there.
        assertThat(partition().replicas()).containsExactly(5, 2, 3, 4);

        reassign(false, 1, 2, 3);

        assertThat(partition().replicas()).containsExactly(1, 2, 3, 4);
        assertThat(partition().addingReplicas()).containsExactly(1);
        assertThat(partition().removingReplicas()).containsExactly(4);
    }

    @Test
    void nonsenseIsRefused() {
        assertThat(reassign(true)).isEqualTo(ErrorCode.INVALID_REPLICA_ASSIGNMENT);
        assertThat(reassign(true, 1, 1)).isEqualTo(ErrorCode.INVALID_REPLICA_ASSIGNMENT);
        assertThat(reassign(true, 1, 9)).isEqualTo(ErrorCode.INVALID_REPLICA_ASSIGNMENT);
        assertThat(reassign(true, 1, -1)).isEqualTo(ErrorCode.INVALID_REPLICA_ASSIGNMENT);
        assertThat(reassign(false, 1, 2)).isEqualTo(ErrorCode.INVALID_REPLICATION_FACTOR);
        var reply = (ReassignmentsAltered) cluster.run(new AlterPartitionReassignments(
                List.of(new Reassignment(new TopicPartition("t", 9), Optional.empty())), true));
        assertThat(reply.partitions().getFirst().outcome().error()).isEqualTo(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION);
        assertThat(partition().replicas()).containsExactly(1, 2, 3);
    }

    @Test
    void whatIsInSyncIsKeptUntilSomethingElseIs() {
        cluster.lose(2);
        cluster.lose(3);
        cluster.run(new ControllerInput.BrokerGone(2));
        cluster.run(new ControllerInput.BrokerGone(3));

        assertThat(reassign(true, 2, 3)).isEqualTo(ErrorCode.NONE);
        assertThat(partition().leader()).isEqualTo(1);
        assertThat(partition().removingReplicas()).containsExactly(1);

        cluster.register(2, 12, null, true);
        assertThat(alterIsr(1, 2)).isEqualTo(ErrorCode.NEW_LEADER_ELECTED);
        assertThat(partition().replicas()).containsExactly(2, 3);
        assertThat(partition().leader()).isEqualTo(2);
    }

    @Test
    void whatWasCompletedInTheStatesOnlyIsCompletedByTheNextController() {
        reassign(true, 4, 5);
        PartitionRegistration moving = partition();
        cluster.image = cluster.image.with(new MetadataChange.PartitionChanged(
                ID, topicId, moving.withLeadership(4, 1, List.of(4, 5), moving.partitionEpoch() + 1)));

        cluster.run(new ControllerInput.Elected());

        assertThat(partition().replicas()).containsExactly(4, 5);
        assertThat(partition().leader()).isEqualTo(4);
    }

    @Test
    void aTopicsZnodeIsWrittenOnceForAllItsPartitionsAfterTheirStates() {
        cluster.create("many", 3, 1);
        var input = new AlterPartitionReassignments(
                List.of(0, 1, 2).stream()
                        .map(p -> new Reassignment(new TopicPartition("many", p), Optional.of(List.of(1, 2, 3, 4, 5))))
                        .toList(),
                true);
        var image = cluster.image;

        Decision decision = cluster.controller.decide(image, input);

        List<StoreOp> ops = new java.util.ArrayList<>();
        for (MetadataChange fact : decision.facts()) {
            ZnodeWrites.of(image, fact, 7).forEach(unit -> ops.addAll(unit.ops()));
            image = image.with(fact);
        }
        assertThat(ops).hasSize(1);
        assertThat(ops.getFirst().path()).isEqualTo("/brokers/topics/many");
    }
}
