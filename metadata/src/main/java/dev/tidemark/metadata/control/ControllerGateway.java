package dev.tidemark.metadata.control;

import dev.tidemark.metadata.controller.ControllerInput;
import dev.tidemark.metadata.controller.ControllerReply;
import java.util.concurrent.CompletableFuture;

/// The way to the controller, wherever it is. What the request handlers call.
///
/// A future completes once the outcome is written in the store and applied to this broker's image, or with a
/// [RefusedException] where there is no controller to ask. Callable from any thread; completed inside the control
/// plane's serial, so dependents must not block.
public interface ControllerGateway {
    CompletableFuture<ControllerReply> submit(ControllerInput input);

    default CompletableFuture<ControllerReply.TopicsCreated> createTopics(ControllerInput.CreateTopics input) {
        return submit(input).thenApply(ControllerReply.TopicsCreated.class::cast);
    }

    default CompletableFuture<ControllerReply.PartitionsCreated> createPartitions(
            ControllerInput.CreatePartitions input) {
        return submit(input).thenApply(ControllerReply.PartitionsCreated.class::cast);
    }

    default CompletableFuture<ControllerReply.TopicsDeleted> deleteTopics(ControllerInput.DeleteTopics input) {
        return submit(input).thenApply(ControllerReply.TopicsDeleted.class::cast);
    }

    default CompletableFuture<ControllerReply.ConfigsAltered> alterConfigs(ControllerInput.AlterConfigs input) {
        return submit(input).thenApply(ControllerReply.ConfigsAltered.class::cast);
    }

    default CompletableFuture<ControllerReply.PartitionsAltered> alterPartition(ControllerInput.AlterPartition input) {
        return submit(input).thenApply(ControllerReply.PartitionsAltered.class::cast);
    }

    default CompletableFuture<ControllerReply.LeadersElected> electLeaders(ControllerInput.ElectLeaders input) {
        return submit(input).thenApply(ControllerReply.LeadersElected.class::cast);
    }

    default CompletableFuture<ControllerReply.ShutdownProgress> controlledShutdown(
            ControllerInput.ControlledShutdown input) {
        return submit(input).thenApply(ControllerReply.ShutdownProgress.class::cast);
    }

    default CompletableFuture<ControllerReply.ReassignmentsAltered> alterPartitionReassignments(
            ControllerInput.AlterPartitionReassignments input) {
        return submit(input).thenApply(ControllerReply.ReassignmentsAltered.class::cast);
    }

    default CompletableFuture<ControllerReply.FeaturesUpdated> updateFeatures(ControllerInput.UpdateFeatures input) {
        return submit(input).thenApply(ControllerReply.FeaturesUpdated.class::cast);
    }

    default CompletableFuture<ControllerReply.BrokerUnregistered> unregisterBroker(
            ControllerInput.UnregisterBroker input) {
        return submit(input).thenApply(ControllerReply.BrokerUnregistered.class::cast);
    }
}
