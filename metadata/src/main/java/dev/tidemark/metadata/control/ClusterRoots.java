package dev.tidemark.metadata.control;

import dev.tidemark.base.Bytes;
import dev.tidemark.metadata.json.ClusterIdJson;
import dev.tidemark.metadata.json.ControllerJson;
import dev.tidemark.metadata.json.Parsed;
import dev.tidemark.metadata.json.Znodes;
import dev.tidemark.metadata.store.MetadataStore;
import dev.tidemark.metadata.store.StoreOp;
import dev.tidemark.metadata.store.StoredNode;
import dev.tidemark.metadata.store.WriteResult;
import dev.tidemark.protocol.ErrorCode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/// Makes the tree that every cluster has, where it is missing, and sees that this is the right cluster.
/// Owner: the control plane's serial.
final class ClusterRoots {
    private final ControlPlaneSettings settings;
    private final MetadataStore store;
    private final Turns turns;
    private final Runnable ready;
    private final Consumer<RefusedException> refused;
    private final List<String> paths = new ArrayList<>(Znodes.ROOTS);

    /// @param ready is run when all is there
    /// @param refused hears why this broker cannot join
    ClusterRoots(
            ControlPlaneSettings settings,
            MetadataStore store,
            Turns turns,
            Runnable ready,
            Consumer<RefusedException> refused) {
        this.settings = settings;
        this.store = store;
        this.turns = turns;
        this.ready = ready;
        this.refused = refused;
        paths.add(Znodes.CONTROLLER_EPOCH);
        paths.add(Znodes.CLUSTER_ID);
    }

    void ensure() {
        turns.onReply(store.getAll(paths), this::onRead);
    }

    private void onRead(List<Optional<StoredNode>> nodes) {
        if (!isExpected(nodes.getLast())) return;
        List<StoreOp> missing = new ArrayList<>();
        for (int i = 0; i < paths.size(); i++) {
            if (nodes.get(i).isEmpty()) missing.add(StoreOp.create(paths.get(i), firstContent(paths.get(i))));
        }
        if (missing.isEmpty()) ready.run();
        else turns.onReply(store.multi(missing), this::onMade);
    }

    private void onMade(WriteResult result) {
        switch (result) {
            case WriteResult.Done _ -> ready.run();
            case WriteResult.Refused(var _, var path, var reason) -> {
                if (reason == WriteResult.Reason.NODE_EXISTS) ensure(); // Another broker starts, too.
                else refuse(ErrorCode.UNKNOWN_SERVER_ERROR, "ZooKeeper refused to create " + path + ": " + reason);
            }
        }
    }

    private Bytes firstContent(String path) {
        return switch (path) {
            case Znodes.CONTROLLER_EPOCH -> ControllerJson.writeEpoch(0);
            case Znodes.CLUSTER_ID -> ClusterIdJson.write(settings.newClusterId());
            default -> Bytes.EMPTY;
        };
    }

    /// The id is in the store before it is in any data folder. So where a folder has one and the store has none, the
    /// store is not the cluster's: a new tree would take all topics for gone, and their folders for other topics'.
    private boolean isExpected(Optional<StoredNode> node) {
        Optional<String> expected = settings.expectedClusterId();
        if (node.isEmpty()) {
            if (expected.isEmpty()) return true;
            refuseOthers(expected.get(), "no cluster");
            return false;
        }
        switch (ClusterIdJson.parse(node.get().data())) {
            case Parsed.Bad<String>(var why) ->
                refuse(ErrorCode.INCONSISTENT_CLUSTER_ID, "The znode " + Znodes.CLUSTER_ID + " is unreadable: " + why);
            case Parsed.Good<String>(var found) -> {
                if (expected.map(found::equals).orElse(true)) return true;
                refuseOthers(expected.get(), "cluster " + found);
            }
        }
        return false;
    }

    private void refuseOthers(String expected, String found) {
        refuse(
                ErrorCode.INCONSISTENT_CLUSTER_ID,
                "The log directories belong to cluster " + expected + " (meta.properties), but ZooKeeper holds " + found
                        + ".");
    }

    private void refuse(ErrorCode error, String message) {
        refused.accept(new RefusedException(error, message));
    }
}
