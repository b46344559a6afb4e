package dev.tidemark.metadata.control;

import dev.tidemark.base.time.Loop;
import dev.tidemark.metadata.controller.ConfigRules;
import dev.tidemark.metadata.controller.ControllerInput;
import dev.tidemark.metadata.controller.ControllerReply;
import dev.tidemark.metadata.image.BrokerRegistration;
import dev.tidemark.metadata.image.ClusterImage;
import dev.tidemark.metadata.store.MetadataStore;
import java.util.concurrent.CompletableFuture;

/// A broker's part in the control plane: follows the cluster's metadata, registers the broker, stands for controller,
/// and runs the controller's decisions while it is the one.
///
/// Owner: its serial; every method may be called from any thread. Life cycle: [#load], then [#register], then [#stop].
public final class ControlPlane implements ControllerGateway {
    public ControlPlane(ControlPlaneSettings settings, ConfigRules rules, MetadataStore store, Loop loop) {}

    /// Joins the cluster as a reader: makes the tree's roots where they are missing, checks the cluster id, reads the
    /// whole image. Listeners are told before the future completes.
    ///
    /// @return fails with a [RefusedException] (INCONSISTENT_CLUSTER_ID, …) that says what is wrong
    public CompletableFuture<ClusterImage> load() {
        return CompletableFuture.failedFuture(new UnsupportedOperationException());
    }

    /// Registers the broker and stands for controller. Completes once there is a controller and, where this broker is
    /// it, once all partitions have been reviewed.
    ///
    /// @return the broker's epoch
    public CompletableFuture<Long> register(BrokerRegistration self) {
        return CompletableFuture.failedFuture(new UnsupportedOperationException());
    }

    /// To be called before [#load].
    public void addListener(MetadataListener listener) {}

    /// The newest image that this broker knows. From any thread.
    public ClusterImage image() {
        return ClusterImage.EMPTY;
    }

    /// Whether this broker is the controller, as far as it knows. From any thread.
    public boolean isController() {
        return false;
    }

    /// The epoch of the broker's present registration, -1 while it has none. From any thread.
    public long brokerEpoch() {
        return -1;
    }

    @Override
    public CompletableFuture<ControllerReply> submit(ControllerInput input) {
        return CompletableFuture.failedFuture(new UnsupportedOperationException());
    }

    /// Takes the registration back and ends the store session.
    public CompletableFuture<Void> stop() {
        return CompletableFuture.failedFuture(new UnsupportedOperationException());
    }
}
