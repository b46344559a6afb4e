package dev.tidemark.broker.forward;

import dev.tidemark.base.TopicPartition;
import dev.tidemark.base.Uuid;
import dev.tidemark.base.time.Loop;
import dev.tidemark.broker.partition.IsrChanges;
import dev.tidemark.metadata.image.ControllerImage;
import dev.tidemark.protocol.ErrorCode;
import dev.tidemark.protocol.message.AlterPartitionRequest;
import dev.tidemark.protocol.message.AlterPartitionRequest.BrokerState;
import dev.tidemark.protocol.message.AlterPartitionResponse;
import dev.tidemark.replication.leader.IsrOutcome;
import dev.tidemark.replication.leader.IsrProposal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/// Brings the proposals of this broker's leaders to the controller, all that wait in one request, one request at a
/// time. What becomes known of none of them fails, and is proposed again by the partitions themselves, so that a
/// proposal is never older than its leader's state.
///
/// When the controllership moves, the request to the former controller is given up at once: a paused one might answer
/// much later, and its answer would be worth nothing, for what it writes is fenced.
///
/// Owner: its loop.
public final class AlterPartitionSender implements IsrChanges {
    private static final int PARTITIONS_MAX = 5_000;

    private final ControllerAddress address;
    private final Exchange exchange;
    private final int selfId;
    private final Loop loop;
    private LinkedHashMap<Key, Proposed> waiting = new LinkedHashMap<>();
    private Map<Key, Proposed> underWay = Map.of();
    private int toldControllerEpoch = -1;
    /// Counts requests: an answer to an earlier one than this is late.
    private int request;

    /// How a request gets to the controller of `controller` and back.
    public interface Exchange {
        CompletableFuture<AlterPartitionResponse> send(ControllerImage controller, AlterPartitionRequest request);
    }

    private record Key(Uuid topicId, int partition) {}

    private record Proposed(IsrProposal proposal, CompletableFuture<IsrOutcome> outcome) {}

    /// @param loop where everything happens, and where proposals are answered
    public AlterPartitionSender(ControllerAddress address, Exchange exchange, int selfId, Loop loop) {
        this.address = address;
        this.exchange = exchange;
        this.selfId = selfId;
        this.loop = loop;
    }

    @Override
    public CompletableFuture<IsrOutcome> propose(TopicPartition partition, Uuid topicId, IsrProposal proposal) {
        CompletableFuture<IsrOutcome> outcome = new CompletableFuture<>();
        Key key = new Key(topicId, partition.partition());
        loop.run(() -> {
            Proposed before = waiting.put(key, new Proposed(proposal, outcome));
            if (before != null) before.outcome.completeExceptionally(failure("a newer proposal took its place"));
            sendSoon();
        });
        return outcome;
    }

    /// The image may name another controller.
    public void onControllerChange(ControllerImage now) {
        loop.run(() -> {
            if (!underWay.isEmpty() && now.epoch() > toldControllerEpoch) {
                request++;
                failAll(failure("the controllership has moved"));
            }
        });
    }

    /// The proposals whose tasks wait on the loop already go along.
    private void sendSoon() {
        if (underWay.isEmpty() && waiting.size() == 1) loop.run(this::send);
    }

    private void send() {
        if (!underWay.isEmpty() || waiting.isEmpty()) return;
        takeWaiting();
        int number = ++request;
        ControllerImage controller = address.controller();
        toldControllerEpoch = controller.epoch();
        long brokerEpoch = address.brokerEpoch();
        if (brokerEpoch < 0 || !controller.isKnown()) {
            failAll(failure("this broker is not registered, or there is no controller"));
            return;
        }
        var _ = exchange.send(controller, message(brokerEpoch))
                .whenComplete((response, failure) -> loop.run(() -> onAnswer(number, response, failure)));
    }

    private void takeWaiting() {
        if (waiting.size() <= PARTITIONS_MAX) {
            underWay = waiting;
            waiting = new LinkedHashMap<>();
            return;
        }
        LinkedHashMap<Key, Proposed> first = new LinkedHashMap<>();
        for (var entry : waiting.entrySet()) {
            if (first.size() == PARTITIONS_MAX) break;
            first.put(entry.getKey(), entry.getValue());
        }
        waiting.keySet().removeAll(first.keySet());
        underWay = first;
    }

    private AlterPartitionRequest message(long brokerEpoch) {
        Map<Uuid, List<AlterPartitionRequest.PartitionData>> byTopic = new LinkedHashMap<>();
        underWay.forEach((key, proposed) -> byTopic.computeIfAbsent(key.topicId, _ -> new ArrayList<>())
                .add(AlterPartitionRequest.PartitionData.builder()
                        .partitionIndex(key.partition)
                        .leaderEpoch(proposed.proposal.leaderEpoch())
                        .partitionEpoch(proposed.proposal.partitionEpoch())
                        .newIsrWithEpochs(proposed.proposal.newIsr().stream()
                                .map(member -> new BrokerState(member.brokerId(), member.brokerEpoch()))
                                .toList())
                        .build()));
        List<AlterPartitionRequest.TopicData> topics = new ArrayList<>();
        byTopic.forEach((id, partitions) -> topics.add(new AlterPartitionRequest.TopicData(id, partitions)));
        return AlterPartitionRequest.builder()
                .brokerId(selfId)
                .brokerEpoch(brokerEpoch)
                .topics(topics)
                .build();
    }

    private void onAnswer(int number, @Nullable AlterPartitionResponse response, @Nullable Throwable failure) {
        if (number != request) return;
        if (response == null) {
            failAll(failure(String.valueOf(failure)));
        } else if (response.errorCode() != ErrorCode.NONE.code()) {
            failAll(failure("the controller refuses: " + ErrorCode.forCode(response.errorCode())));
        } else {
            tell(response);
        }
    }

    private void tell(AlterPartitionResponse response) {
        Map<Key, Proposed> asked = underWay;
        underWay = Map.of();
        for (AlterPartitionResponse.TopicData topic : response.topics()) {
            for (AlterPartitionResponse.PartitionData partition : topic.partitions()) {
                Proposed proposed = asked.remove(new Key(topic.topicId(), partition.partitionIndex()));
                if (proposed != null) proposed.outcome.complete(outcome(partition));
            }
        }
        for (Proposed unanswered : asked.values())
            unanswered.outcome.completeExceptionally(failure("the controller said nothing of this partition"));
        send();
    }

    private static IsrOutcome outcome(AlterPartitionResponse.PartitionData partition) {
        ErrorCode error = ErrorCode.forCode(partition.errorCode());
        if (error != ErrorCode.NONE) return new IsrOutcome.Refused(error);
        return new IsrOutcome.Accepted(partition.leaderEpoch(), partition.partitionEpoch(), partition.isr());
    }

    private void failAll(RuntimeException why) {
        Map<Key, Proposed> failed = underWay;
        underWay = Map.of();
        for (Proposed proposed : failed.values()) proposed.outcome.completeExceptionally(why);
        if (!waiting.isEmpty()) loop.run(this::send);
    }

    private static RuntimeException failure(String why) {
        return new IllegalStateException("The ISR change is not known to be done: " + why);
    }
}
