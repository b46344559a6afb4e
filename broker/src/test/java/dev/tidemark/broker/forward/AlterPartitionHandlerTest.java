package dev.tidemark.broker.forward;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.base.TopicPartition;
import dev.tidemark.base.Uuid;
import dev.tidemark.broker.ManualLoop;
import dev.tidemark.broker.TestConnection;
import dev.tidemark.broker.dispatch.Dispatcher;
import dev.tidemark.broker.dispatch.Handlers;
import dev.tidemark.broker.handler.ApiVersionsHandler;
import dev.tidemark.metadata.control.ControllerGateway;
import dev.tidemark.metadata.controller.ConfigRules;
import dev.tidemark.metadata.controller.Controller;
import dev.tidemark.metadata.controller.ControllerInput;
import dev.tidemark.metadata.controller.ControllerSettings;
import dev.tidemark.metadata.controller.Decision;
import dev.tidemark.metadata.controller.TopicRequest;
import dev.tidemark.metadata.image.BrokerRegistration;
import dev.tidemark.metadata.image.ClusterImage;
import dev.tidemark.metadata.image.MetadataChange;
import dev.tidemark.metadata.image.MetadataDelta;
import dev.tidemark.metadata.image.OfflineReplicas;
import dev.tidemark.metadata.image.PartitionRegistration;
import dev.tidemark.protocol.ErrorCode;
import dev.tidemark.protocol.message.AlterPartitionRequest;
import dev.tidemark.protocol.message.AlterPartitionRequest.BrokerState;
import dev.tidemark.protocol.message.AlterPartitionResponse;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// What leaders ask of the controller, up to the controller's decision.
final class AlterPartitionHandlerTest {
    private static final String LEADER = "broker-1-control";
    private static final Uuid TOPIC = new Uuid(7, 7);
    private static final int PARTITIONS = 2;

    private final TestConnection connection = new TestConnection(new ManualLoop());
    private final Controller controller = new Controller(ControllerSettings.DEFAULTS, ConfigRules.ANYTHING);
    private ClusterImage image = ClusterImage.EMPTY;

    private final ControllerGateway gateway = input -> {
        Decision decision = controller.decide(image, input);
        decision.facts().forEach(this::apply);
        return CompletableFuture.completedFuture(decision.reply());
    };

    private final Handlers handlers =
            new Handlers(List.of(new AlterPartitionHandler(gateway, new PeerCalls("PLAINTEXT"))));
    private final Dispatcher dispatcher = new Dispatcher(
            handlers,
            new ApiVersionsHandler(() -> handlers, List::of, () -> new ApiVersionsHandler.Identity("cluster", 1)),
            List.of());

    private void apply(MetadataChange fact) {
        image = image.apply(MetadataDelta.of(fact));
    }

    private static BrokerRegistration broker(int id, boolean stoppedCleanly) {
        return new BrokerRegistration(id, 10L * id, List.of(), null, new TreeMap<>(), stoppedCleanly);
    }

    /// Broker 1 leads all, and is alone in the ISRs with 2. Of the others 3 may come in; 4 has lost its disk, 5 is
    /// about to stop, 6 came back without a clean stop.
    @BeforeEach
    void begin() {
        for (int id = 1; id <= 6; id++) apply(new MetadataChange.BrokerRegistered(broker(id, true)));
        List<Integer> all = List.of(1, 2, 3, 4, 5, 6);
        TopicRequest topic =
                new TopicRequest("t", TOPIC, -1, -1, new TreeMap<>(Map.of(0, all, 1, all)), new TreeMap<>());
        var _ = gateway.submit(
                new ControllerInput.CreateTopics(List.of(topic), false, ControllerInput.Origin.CLIENT, 0));
        for (int index = 0; index < PARTITIONS; index++) {
            assertThat(partition(index).leader()).isEqualTo(1);
            assertThat(errorOf(ask(of(index, 0, 0, 1, 2)))).isEqualTo(ErrorCode.NONE);
        }
        apply(new MetadataChange.BrokerRegistered(broker(4, true).withOffline(OfflineReplicas.ALL)));
        apply(new MetadataChange.BrokerRegistered(broker(5, true).toShuttingDown()));
        apply(new MetadataChange.BrokerRegistered(broker(6, false)));
    }

    private PartitionRegistration partition(int index) {
        return image.topics().partition(new TopicPartition("t", index)).orElseThrow();
    }

    private static AlterPartitionRequest.PartitionData of(int index, int leaderEpoch, int partitionEpoch, int... isr) {
        List<BrokerState> members = new ArrayList<>();
        for (int id : isr) members.add(new BrokerState(id, 10L * id));
        return AlterPartitionRequest.PartitionData.builder()
                .partitionIndex(index)
                .leaderEpoch(leaderEpoch)
                .partitionEpoch(partitionEpoch)
                .newIsrWithEpochs(members)
                .build();
    }

    private static AlterPartitionRequest request(AlterPartitionRequest.PartitionData... partitions) {
        return AlterPartitionRequest.builder()
                .brokerId(1)
                .brokerEpoch(10)
                .topics(List.of(new AlterPartitionRequest.TopicData(TOPIC, List.of(partitions))))
                .build();
    }

    private AlterPartitionResponse ask(AlterPartitionRequest.PartitionData... partitions) {
        return send(request(partitions), LEADER);
    }

    private AlterPartitionResponse send(AlterPartitionRequest request, String clientId) {
        int before = connection.replies.size();
        dispatcher.onRequest(connection.exchange(TestConnection.frame(request, (short) 3, clientId)));
        assertThat(connection.replies).hasSize(before + 1);
        return connection.lastReply(AlterPartitionResponse.class);
    }

    private static ErrorCode errorOf(AlterPartitionResponse response) {
        assertThat(response.errorCode()).isZero();
        return ErrorCode.forCode(
                response.topics().getFirst().partitions().getFirst().errorCode());
    }

    @Test
    void theLeaderChangesTheIsr() {
        AlterPartitionResponse response = ask(of(0, 0, 1, 1, 2, 3));

        assertThat(errorOf(response)).isEqualTo(ErrorCode.NONE);
        var now = response.topics().getFirst().partitions().getFirst();
        assertThat(now.isr()).containsExactly(1, 2, 3);
        assertThat(now.partitionEpoch()).isEqualTo(2);
        assertThat(partition(0).isr()).containsExactly(1, 2, 3);
    }

    @Test
    void onlyBrokersMayAsk() {
        for (String client : List.of("a client", "broker-1-forward", "broker-1-fetch", "broker--control")) {
            assertThat(send(request(of(0, 0, 1, 1)), client).errorCode())
                    .isEqualTo(ErrorCode.CLUSTER_AUTHORIZATION_FAILED.code());
        }
        assertThat(partition(0).isr()).containsExactly(1, 2);
    }

    @Test
    void whoCannotBeInSyncIsRefused() {
        for (int id = 4; id <= 6; id++)
            assertThat(errorOf(ask(of(0, 0, 1, 1, 2, id)))).isEqualTo(ErrorCode.INELIGIBLE_REPLICA);
        assertThat(errorOf(ask(of(0, 0, 1, 1, 9)))).isEqualTo(ErrorCode.INVALID_REQUEST);
        assertThat(errorOf(ask(of(0, 0, 1, 2)))).as("without the leader").isEqualTo(ErrorCode.INVALID_REQUEST);
        assertThat(errorOf(ask(of(0, 0, 1)))).isEqualTo(ErrorCode.INVALID_REQUEST);
        assertThat(partition(0).partitionEpoch()).isEqualTo(1);
    }

    /// Every request is answered, and changes an ISR only where its sender leads in that state, to one of replicas that
    /// are in it or may come in.
    @Test
    void wildRequestsChangeNoMoreThanALeaderMay() {
        int accepted = 0;
        for (int seed = 0; seed < 5_000; seed++) {
            Random random = new Random(seed);
            AlterPartitionRequest request = wild(random);
            ClusterImage before = image;

            AlterPartitionResponse response = send(request, LEADER);

            int answers = response.topics().stream()
                    .mapToInt(topic -> topic.partitions().size())
                    .sum();
            int asked = request.topics().stream()
                    .mapToInt(topic -> topic.partitions().size())
                    .sum();
            assertThat(answers).as("seed %d", seed).isEqualTo(response.errorCode() == 0 ? asked : 0);
            for (int index = 0; index < PARTITIONS; index++) {
                var was = before.topics()
                        .partition(new TopicPartition("t", index))
                        .orElseThrow();
                if (partition(index).equals(was)) continue;
                accepted++;
                assertThat(request.brokerId()).as("seed %d", seed).isEqualTo(1);
                assertThat(request.brokerEpoch()).as("seed %d", seed).isEqualTo(10);
                assertIsAllowed(was, partition(index), "seed " + seed);
            }
        }
        assertThat(accepted).isGreaterThan(20);
    }

    private static void assertIsAllowed(PartitionRegistration was, PartitionRegistration now, String seed) {
        assertThat(now.leader()).as(seed).isEqualTo(1);
        assertThat(now.leaderEpoch()).as(seed).isEqualTo(was.leaderEpoch());
        assertThat(now.partitionEpoch()).as(seed).isGreaterThan(was.partitionEpoch());
        assertThat(now.replicas()).as(seed).isEqualTo(was.replicas());
        assertThat(now.isr()).as(seed).doesNotHaveDuplicates().contains(1);
        Set<Integer> allowed = new HashSet<>(was.isr());
        allowed.add(2);
        allowed.add(3);
        assertThat(allowed).as(seed).containsAll(now.isr());
    }

    /// Each field may be anything, and mostly is something near what it should be.
    private AlterPartitionRequest wild(Random random) {
        List<AlterPartitionRequest.TopicData> topics = new ArrayList<>();
        for (int t = random.nextInt(3); t >= 0; t--) {
            List<AlterPartitionRequest.PartitionData> partitions = new ArrayList<>();
            for (int p = random.nextInt(4); p > 0; p--) partitions.add(wildPartition(random));
            Uuid id = random.nextInt(6) == 0 ? new Uuid(random.nextInt(2), 0) : TOPIC;
            topics.add(new AlterPartitionRequest.TopicData(id, partitions));
        }
        return AlterPartitionRequest.builder()
                .brokerId((int) any(random, 1, 1, 1, 1, 2, 0, -1))
                .brokerEpoch(any(random, 10, 10, 10, 10, 20, 0, -1))
                .topics(topics)
                .build();
    }

    private AlterPartitionRequest.PartitionData wildPartition(Random random) {
        int index = (int) any(random, 0, 0, 1, 1, 2, -1);
        PartitionRegistration now = partition(index == 1 ? 1 : 0);
        List<BrokerState> members = new ArrayList<>();
        if (random.nextInt(8) > 0) members.add(new BrokerState(1, any(random, 10, 10, -1)));
        for (int m = random.nextInt(4); m > 0; m--) {
            int id = (int) any(random, 2, 2, 3, 3, 4, 5, 6, 1, 7, -1);
            members.add(new BrokerState(id, any(random, 10L * id, 10L * id, 10L * id, -1, 11)));
        }
        return AlterPartitionRequest.PartitionData.builder()
                .partitionIndex(index)
                .leaderEpoch((int) any(random, now.leaderEpoch(), now.leaderEpoch(), now.leaderEpoch() + 1, -1))
                .partitionEpoch(
                        (int) any(random, now.partitionEpoch(), now.partitionEpoch(), now.partitionEpoch() + 1L, 0, -1))
                .leaderRecoveryState((byte) any(random, 0, 0, 1, -1))
                .newIsrWithEpochs(members)
                .build();
    }

    private static long any(Random random, long... likely) {
        if (random.nextInt(25) > 0) return likely[random.nextInt(likely.length)];
        return switch (random.nextInt(4)) {
            case 0 -> Long.MAX_VALUE;
            case 1 -> Long.MIN_VALUE;
            case 2 -> Integer.MIN_VALUE;
            default -> random.nextLong();
        };
    }
}
