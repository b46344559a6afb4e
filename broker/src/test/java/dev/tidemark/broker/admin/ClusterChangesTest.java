package dev.tidemark.broker.admin;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.base.TopicPartition;
import dev.tidemark.base.Uuid;
import dev.tidemark.broker.ManualLoop;
import dev.tidemark.broker.TestConnection;
import dev.tidemark.broker.cluster.ClusterView;
import dev.tidemark.broker.dispatch.Dispatcher;
import dev.tidemark.broker.dispatch.Handler;
import dev.tidemark.broker.dispatch.Handlers;
import dev.tidemark.broker.handler.ApiVersionsHandler;
import dev.tidemark.broker.partition.Partitions;
import dev.tidemark.metadata.control.ControllerGateway;
import dev.tidemark.metadata.control.RefusedException;
import dev.tidemark.metadata.controller.ControllerInput;
import dev.tidemark.metadata.controller.ControllerReply;
import dev.tidemark.metadata.controller.ControllerReply.Outcome;
import dev.tidemark.metadata.image.BrokerRegistration;
import dev.tidemark.metadata.image.ClusterImage;
import dev.tidemark.metadata.image.MetadataChange;
import dev.tidemark.metadata.image.MetadataDelta;
import dev.tidemark.metadata.image.PartitionRegistration;
import dev.tidemark.metadata.image.TopicImage;
import dev.tidemark.protocol.ErrorCode;
import dev.tidemark.protocol.message.AlterPartitionReassignmentsRequest;
import dev.tidemark.protocol.message.AlterPartitionReassignmentsRequest.ReassignablePartition;
import dev.tidemark.protocol.message.AlterPartitionReassignmentsRequest.ReassignableTopic;
import dev.tidemark.protocol.message.AlterPartitionReassignmentsResponse;
import dev.tidemark.protocol.message.BrokerHeartbeatRequest;
import dev.tidemark.protocol.message.BrokerHeartbeatResponse;
import dev.tidemark.protocol.message.ElectLeadersRequest;
import dev.tidemark.protocol.message.ElectLeadersResponse;
import dev.tidemark.protocol.message.ListPartitionReassignmentsRequest;
import dev.tidemark.protocol.message.ListPartitionReassignmentsResponse;
import dev.tidemark.protocol.message.Request;
import dev.tidemark.protocol.message.UpdateFeaturesRequest;
import dev.tidemark.protocol.message.UpdateFeaturesRequest.FeatureUpdateKey;
import dev.tidemark.protocol.message.UpdateFeaturesResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.pcollections.TreePVector;

/// The APIs that change the cluster as a whole, before a controller that answers as the test says.
class ClusterChangesTest {
    private final TestConnection client = new TestConnection(new ManualLoop());
    private final ClusterView cluster = new ClusterView(1, new Partitions());
    private final List<ControllerInput> asked = new ArrayList<>();
    private CompletableFuture<ControllerReply> reply = new CompletableFuture<>();
    private ClusterImage image = ClusterImage.EMPTY;
    private boolean isCurrent = true;

    private <T> T ask(Request request, int version, Class<T> type) {
        ControllerGateway gateway = input -> {
            asked.add(input);
            return reply;
        };
        List<Handler<?>> all = new ArrayList<>(new ReassignmentHandlers(gateway, cluster).all());
        all.add(new ElectLeadersHandler(gateway));
        all.add(new UpdateFeaturesHandler(gateway));
        all.add(new BrokerHeartbeatHandler(gateway, () -> image, () -> isCurrent));
        Handlers handlers = new Handlers(all);
        ApiVersionsHandler versions =
                new ApiVersionsHandler(() -> handlers, List::of, () -> new ApiVersionsHandler.Identity("cluster", 1));
        new Dispatcher(handlers, versions, List.of())
                .onRequest(client.exchange(TestConnection.frame(request, (short) version)));
        return type.cast(client.replies.getLast());
    }

    private void controllerAnswers(ControllerReply answer) {
        reply = CompletableFuture.completedFuture(answer);
    }

    private void controllerIsElsewhere() {
        reply = CompletableFuture.failedFuture(new RefusedException(ErrorCode.NOT_CONTROLLER, "elsewhere"));
    }

    @Test
    void aReassignmentIsBegunOrCancelled() {
        TopicPartition first = new TopicPartition("t", 0);
        controllerAnswers(new ControllerReply.ReassignmentsAltered(List.of(
                new ControllerReply.ReassignmentOutcome(first, Outcome.OK),
                new ControllerReply.ReassignmentOutcome(
                        new TopicPartition("t", 1), Outcome.refused(ErrorCode.NO_REASSIGNMENT_IN_PROGRESS, "none")))));
        var request = AlterPartitionReassignmentsRequest.builder()
                .topics(List.of(ReassignableTopic.builder()
                        .name("t")
                        .partitions(List.of(
                                ReassignablePartition.builder()
                                        .partitionIndex(0)
                                        .replicas(List.of(3, 4))
                                        .build(),
                                ReassignablePartition.builder()
                                        .partitionIndex(1)
                                        .replicas(null)
                                        .build()))
                        .build()))
                .build();

        var answer = ask(request, 1, AlterPartitionReassignmentsResponse.class);

        var input = (ControllerInput.AlterPartitionReassignments) asked.getFirst();
        assertThat(input.reassignments().get(0).replicas()).contains(List.of(3, 4));
        assertThat(input.reassignments().get(1).replicas()).isEmpty();
        assertThat(answer.responses().getFirst().partitions().get(1).errorCode())
                .isEqualTo(ErrorCode.NO_REASSIGNMENT_IN_PROGRESS.code());
    }

    @Test
    void whatIsUnderWayIsListedByAnyBroker() {
        PartitionRegistration moving =
                PartitionRegistration.assigned(List.of(4, 1)).withReplicas(List.of(4, 1), List.of(4), List.of(1));
        PartitionRegistration resting = PartitionRegistration.assigned(List.of(1));
        TopicImage topic = new TopicImage("t", new Uuid(1, 2), TreePVector.from(List.of(resting, moving)), 0);
        cluster.show(ClusterImage.EMPTY.with(new MetadataChange.TopicCreated(topic)));

        var answer =
                ask(ListPartitionReassignmentsRequest.builder().build(), 0, ListPartitionReassignmentsResponse.class);

        assertThat(answer.topics()).singleElement().satisfies(listed -> {
            assertThat(listed.partitions()).singleElement().satisfies(partition -> {
                assertThat(partition.partitionIndex()).isEqualTo(1);
                assertThat(partition.addingReplicas()).containsExactly(4);
                assertThat(partition.removingReplicas()).containsExactly(1);
            });
        });
    }

    @Test
    void theOldestVersionOfAnElectionSaysItsErrorPerPartition() {
        controllerIsElsewhere();
        var request = ElectLeadersRequest.builder()
                .topicPartitions(List.of(ElectLeadersRequest.TopicPartitions.builder()
                        .topic("t")
                        .partitions(List.of(0))
                        .build()))
                .build();

        var oldest = ask(request, 0, ElectLeadersResponse.class);
        var newest = ask(request, 2, ElectLeadersResponse.class);

        assertThat(oldest.replicaElectionResults()
                        .getFirst()
                        .partitionResult()
                        .getFirst()
                        .errorCode())
                .isEqualTo(ErrorCode.NOT_CONTROLLER.code());
        assertThat(newest.errorCode()).isEqualTo(ErrorCode.NOT_CONTROLLER.code());
    }

    @Test
    void aRefusedFeatureRefusesTheWholeUpdate() {
        controllerAnswers(new ControllerReply.FeaturesUpdated(List.of(
                new ControllerReply.FeatureOutcome("a", Outcome.OK),
                new ControllerReply.FeatureOutcome(
                        "b", Outcome.refused(ErrorCode.INVALID_UPDATE_VERSION, "no such level")))));
        var request = UpdateFeaturesRequest.builder()
                .featureUpdates(List.of(
                        FeatureUpdateKey.builder()
                                .feature("a")
                                .maxVersionLevel((short) 1)
                                .build(),
                        FeatureUpdateKey.builder()
                                .feature("b")
                                .maxVersionLevel((short) 9)
                                .build()))
                .build();

        var newest = ask(request, 2, UpdateFeaturesResponse.class);
        var oldest = ask(request, 0, UpdateFeaturesResponse.class);

        assertThat(newest.errorCode()).isEqualTo(ErrorCode.INVALID_UPDATE_VERSION.code());
        assertThat(oldest.results().getFirst().errorCode()).isEqualTo(ErrorCode.FEATURE_UPDATE_FAILED.code());
    }

    @Test
    void aBrokerThatWantsToStopHearsWhenItMay() {
        controllerAnswers(new ControllerReply.ShutdownProgress(ErrorCode.NONE, 0));
        var request = BrokerHeartbeatRequest.builder()
                .brokerId(2)
                .brokerEpoch(7)
                .wantShutDown(true)
                .build();

        assertThat(ask(request, 1, BrokerHeartbeatResponse.class).shouldShutDown())
                .isTrue();
        controllerIsElsewhere();
        assertThat(ask(request, 1, BrokerHeartbeatResponse.class).shouldShutDown())
                .isFalse();
    }

    @Test
    void anyBrokerSaysWhetherItSeesAnIncarnation() {
        image = image.apply(MetadataDelta.of(new MetadataChange.BrokerRegistered(
                new BrokerRegistration(2, 7, List.of(), null, new TreeMap<>(), true))));

        assertThat(standing(2, 7)).isEqualTo(ErrorCode.NONE);
        assertThat(standing(2, 6)).isEqualTo(ErrorCode.STALE_BROKER_EPOCH);
        assertThat(standing(2, 8)).isEqualTo(ErrorCode.STALE_BROKER_EPOCH);
        assertThat(standing(3, 9)).isEqualTo(ErrorCode.STALE_BROKER_EPOCH);
        isCurrent = false;
        assertThat(standing(2, 7)).isEqualTo(ErrorCode.NONE);
        assertThat(standing(2, 6)).as("an earlier one than it knows").isEqualTo(ErrorCode.STALE_BROKER_EPOCH);
        assertThat(standing(2, 8)).as("perhaps a newer one").isEqualTo(ErrorCode.NOT_CONTROLLER);
        assertThat(standing(3, 9)).isEqualTo(ErrorCode.NOT_CONTROLLER);
    }

    private ErrorCode standing(int brokerId, long brokerEpoch) {
        var request = BrokerHeartbeatRequest.builder()
                .brokerId(brokerId)
                .brokerEpoch(brokerEpoch)
                .build();
        return ErrorCode.forCode(ask(request, 1, BrokerHeartbeatResponse.class).errorCode());
    }
}
