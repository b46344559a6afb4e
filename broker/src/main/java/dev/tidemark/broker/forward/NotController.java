package dev.tidemark.broker.forward;

import dev.tidemark.protocol.ErrorCode;
import dev.tidemark.protocol.message.AllocateProducerIdsResponse;
import dev.tidemark.protocol.message.AlterConfigsResponse;
import dev.tidemark.protocol.message.AlterPartitionReassignmentsResponse;
import dev.tidemark.protocol.message.AlterPartitionResponse;
import dev.tidemark.protocol.message.BrokerHeartbeatResponse;
import dev.tidemark.protocol.message.CreatePartitionsResponse;
import dev.tidemark.protocol.message.CreateTopicsResponse;
import dev.tidemark.protocol.message.DeleteTopicsResponse;
import dev.tidemark.protocol.message.ElectLeadersResponse;
import dev.tidemark.protocol.message.IncrementalAlterConfigsResponse;
import dev.tidemark.protocol.message.ListPartitionReassignmentsResponse;
import dev.tidemark.protocol.message.Response;
import dev.tidemark.protocol.message.UnregisterBrokerResponse;
import dev.tidemark.protocol.message.UpdateFeaturesResponse;
import java.util.List;
import java.util.function.ToIntFunction;

/// Whether an answer says that the broker which gave it is not the controller (any more): then nothing was done, and
/// the request may go to the one that is.
final class NotController {
    private static final short CODE = ErrorCode.NOT_CONTROLLER.code();

    private NotController() {}

    static boolean isIn(Response response) {
        return switch (response) {
            case CreateTopicsResponse created -> any(created.topics(), topic -> topic.errorCode());
            case DeleteTopicsResponse deleted -> any(deleted.responses(), topic -> topic.errorCode());
            case CreatePartitionsResponse created -> any(created.results(), topic -> topic.errorCode());
            case AlterConfigsResponse altered -> any(altered.responses(), resource -> resource.errorCode());
            case IncrementalAlterConfigsResponse altered -> any(altered.responses(), resource -> resource.errorCode());
            case ElectLeadersResponse elected ->
                elected.errorCode() == CODE || any(elected.replicaElectionResults(), topic -> ofPartitions(topic));
            case AlterPartitionReassignmentsResponse altered ->
                altered.errorCode() == CODE || any(altered.responses(), topic -> ofPartitions(topic));
            case ListPartitionReassignmentsResponse listed -> listed.errorCode() == CODE;
            case UpdateFeaturesResponse updated -> updated.errorCode() == CODE;
            case UnregisterBrokerResponse unregistered -> unregistered.errorCode() == CODE;
            case BrokerHeartbeatResponse heartbeat -> heartbeat.errorCode() == CODE;
            case AlterPartitionResponse altered -> altered.errorCode() == CODE;
            case AllocateProducerIdsResponse allocated -> allocated.errorCode() == CODE;
            default -> false;
        };
    }

    private static int ofPartitions(ElectLeadersResponse.ReplicaElectionResult topic) {
        return any(topic.partitionResult(), partition -> partition.errorCode()) ? CODE : 0;
    }

    private static int ofPartitions(AlterPartitionReassignmentsResponse.ReassignableTopicResponse topic) {
        return any(topic.partitions(), partition -> partition.errorCode()) ? CODE : 0;
    }

    private static <T> boolean any(List<T> parts, ToIntFunction<T> errorCode) {
        for (T part : parts) {
            if (errorCode.applyAsInt(part) == CODE) return true;
        }
        return false;
    }
}
