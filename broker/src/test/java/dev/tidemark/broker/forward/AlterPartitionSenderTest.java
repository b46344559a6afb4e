package dev.tidemark.broker.forward;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.base.TopicPartition;
import dev.tidemark.base.Uuid;
import dev.tidemark.broker.ManualLoop;
import dev.tidemark.metadata.control.ControllerGateway;
import dev.tidemark.metadata.image.ControllerImage;
import dev.tidemark.protocol.ErrorCode;
import dev.tidemark.protocol.message.AlterPartitionRequest;
import dev.tidemark.protocol.message.AlterPartitionResponse;
import dev.tidemark.replication.leader.IsrMember;
import dev.tidemark.replication.leader.IsrOutcome;
import dev.tidemark.replication.leader.IsrProposal;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/// ISR changes on their way to the controller.
final class AlterPartitionSenderTest {
    private static final Uuid TOPIC = new Uuid(3, 4);

    private final ManualLoop loop = new ManualLoop();
    private final List<AlterPartitionRequest> requests = new ArrayList<>();
    private final List<CompletableFuture<AlterPartitionResponse>> answers = new ArrayList<>();
    private ControllerImage controller = new ControllerImage(2, 7, 7);
    private long brokerEpoch = 50;

    private final AlterPartitionSender sender = new AlterPartitionSender(
            new ControllerAddress() {
                @Override
                public ControllerImage controller() {
                    return controller;
                }

                @Override
                public boolean isLocal() {
                    return false;
                }

                @Override
                public ControllerGateway local() {
                    throw new AssertionError("not the controller");
                }

                @Override
                public long brokerEpoch() {
                    return brokerEpoch;
                }
            },
            (asked, request) -> {
                assertThat(asked).isEqualTo(controller);
                requests.add(request);
                answers.add(new CompletableFuture<>());
                return answers.getLast();
            },
            1,
            loop);

    private CompletableFuture<IsrOutcome> propose(int partition, int partitionEpoch) {
        return sender.propose(
                new TopicPartition("flights", partition),
                TOPIC,
                new IsrProposal(5, partitionEpoch, List.of(new IsrMember(1, 50), new IsrMember(3, 52))));
    }

    private static List<Integer> named(AlterPartitionRequest request) {
        return request.topics().stream()
                .flatMap(topic -> topic.partitions().stream())
                .map(AlterPartitionRequest.PartitionData::partitionIndex)
                .toList();
    }

    private void accept(int number) {
        AlterPartitionRequest request = requests.get(number);
        List<AlterPartitionResponse.PartitionData> partitions = named(request).stream()
                .map(index -> AlterPartitionResponse.PartitionData.builder()
                        .partitionIndex(index)
                        .leaderEpoch(5)
                        .partitionEpoch(9)
                        .isr(List.of(1, 3))
                        .build())
                .toList();
        answers.get(number)
                .complete(AlterPartitionResponse.builder()
                        .topics(List.of(new AlterPartitionResponse.TopicData(TOPIC, partitions)))
                        .build());
        loop.settle();
    }

    @Test
    void whatWaitsGoesTogetherAndOneRequestAtATime() {
        var first = propose(0, 8);
        var second = propose(1, 8);
        loop.settle();
        var third = propose(2, 8);
        var fourth = propose(3, 8);
        loop.settle();
        assertThat(requests).hasSize(1);
        assertThat(named(requests.getFirst())).containsExactly(0, 1);
        assertThat(requests.getFirst().brokerEpoch()).isEqualTo(50);
        accept(0);
        assertThat(first.join()).isEqualTo(new IsrOutcome.Accepted(5, 9, List.of(1, 3)));
        assertThat(second).isCompleted();
        assertThat(named(requests.get(1))).containsExactly(2, 3);
        accept(1);
        assertThat(List.of(third, fourth)).allMatch(CompletableFuture::isDone);
        assertThat(requests).hasSize(2);
    }

    @Test
    void aRefusalOfOnePartitionIsAnOutcomeAndOneOfAllIsNot() {
        var refused = propose(0, 8);
        loop.settle();
        answers.getFirst()
                .complete(AlterPartitionResponse.builder()
                        .topics(List.of(new AlterPartitionResponse.TopicData(
                                TOPIC,
                                List.of(AlterPartitionResponse.PartitionData.builder()
                                        .errorCode(ErrorCode.FENCED_LEADER_EPOCH)
                                        .build()))))
                        .build());
        loop.settle();
        assertThat(refused.join()).isEqualTo(new IsrOutcome.Refused(ErrorCode.FENCED_LEADER_EPOCH));
        var unknown = propose(0, 8);
        loop.settle();
        answers.getLast()
                .complete(AlterPartitionResponse.builder()
                        .errorCode(ErrorCode.STALE_BROKER_EPOCH)
                        .build());
        loop.settle();
        assertThat(unknown).isCompletedExceptionally();
    }

    @Test
    void aPausedControllerIsNotWaitedForOnceThereIsANewOne() {
        var lost = propose(0, 8);
        loop.settle();
        controller = new ControllerImage(3, 8, 8);
        sender.onControllerChange(controller);
        loop.settle();
        assertThat(lost).isCompletedExceptionally();
        var again = propose(0, 8);
        loop.settle();
        assertThat(requests).hasSize(2);
        accept(0); // The former wakes up, and its answer is worth nothing.
        assertThat(again).isNotDone();
        accept(1);
        assertThat(again).isCompleted();
    }

    @Test
    void withoutARegistrationNothingIsAsked() {
        brokerEpoch = -1;
        var refused = propose(0, 8);
        loop.settle();
        assertThat(refused).isCompletedExceptionally();
        assertThat(requests).isEmpty();
        brokerEpoch = 51;
        var asked = propose(0, 8);
        loop.settle();
        accept(0);
        assertThat(asked).isCompleted();
    }
}
