package dev.tidemark.broker.forward;

import dev.tidemark.metadata.controller.ControllerInput;
import dev.tidemark.metadata.controller.ControllerReply;
import dev.tidemark.metadata.image.PartitionRegistration;
import dev.tidemark.protocol.message.AlterPartitionRequest;
import dev.tidemark.protocol.message.AlterPartitionResponse;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// AlterPartition between the wire's form and the controller's.
final class IsrMessages {
    private IsrMessages() {}

    static ControllerInput.AlterPartition input(AlterPartitionRequest request) {
        List<ControllerInput.IsrChange> changes = new ArrayList<>();
        for (AlterPartitionRequest.TopicData topic : request.topics()) {
            for (AlterPartitionRequest.PartitionData partition : topic.partitions()) {
                changes.add(new ControllerInput.IsrChange(
                        topic.topicId(),
                        partition.partitionIndex(),
                        partition.leaderEpoch(),
                        partition.partitionEpoch(),
                        members(partition)));
            }
        }
        return new ControllerInput.AlterPartition(request.brokerId(), request.brokerEpoch(), changes);
    }

    /// Version 2 tells no epochs.
    private static List<ControllerInput.IsrMember> members(AlterPartitionRequest.PartitionData partition) {
        if (partition.newIsrWithEpochs().isEmpty()) {
            return partition.newIsr().stream()
                    .map(id -> new ControllerInput.IsrMember(id, -1))
                    .toList();
        }
        return partition.newIsrWithEpochs().stream()
                .map(member -> new ControllerInput.IsrMember(member.brokerId(), member.brokerEpoch()))
                .toList();
    }

    static AlterPartitionResponse response(ControllerReply.PartitionsAltered altered) {
        Map<dev.tidemark.base.Uuid, List<AlterPartitionResponse.PartitionData>> byTopic = new LinkedHashMap<>();
        for (ControllerReply.IsrOutcome outcome : altered.partitions()) {
            byTopic.computeIfAbsent(outcome.topicId(), _ -> new ArrayList<>()).add(partition(outcome));
        }
        List<AlterPartitionResponse.TopicData> topics = new ArrayList<>();
        byTopic.forEach((id, partitions) -> topics.add(new AlterPartitionResponse.TopicData(id, partitions)));
        return AlterPartitionResponse.builder()
                .errorCode(altered.error())
                .topics(topics)
                .build();
    }

    private static AlterPartitionResponse.PartitionData partition(ControllerReply.IsrOutcome outcome) {
        AlterPartitionResponse.PartitionData.Builder data = AlterPartitionResponse.PartitionData.builder()
                .partitionIndex(outcome.partition())
                .errorCode(outcome.error());
        PartitionRegistration now = outcome.registration();
        if (now == null) return data.build();
        return data.leaderId(now.leader())
                .leaderEpoch(now.leaderEpoch())
                .partitionEpoch(now.partitionEpoch())
                .isr(now.isr())
                .build();
    }
}
