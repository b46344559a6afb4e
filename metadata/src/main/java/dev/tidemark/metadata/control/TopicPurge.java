package dev.tidemark.metadata.control;

import dev.tidemark.metadata.image.ConfigResource;
import dev.tidemark.metadata.json.Znodes;
import dev.tidemark.metadata.store.MetadataStore;
import dev.tidemark.metadata.store.StoreOp;
import dev.tidemark.metadata.store.StoredNode;
import dev.tidemark.metadata.store.WriteResult;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Removes the znodes of a topic that is marked for deletion, whichever are left of them, and the mark at last. Can be
/// begun again at any time, by any controller.
///
/// Owner: the control plane's serial.
final class TopicPurge {
    private static final Logger LOG = LoggerFactory.getLogger(TopicPurge.class);
    private static final int PARTITIONS_PER_MULTI = 500;

    private final MetadataStore store;
    private final Turns turns;
    private final String topic;
    private final StoreOp fence;
    private final Runnable finished;
    private final List<String> partitions = new ArrayList<>();

    /// @param fence checks the controller epoch
    TopicPurge(MetadataStore store, Turns turns, String topic, StoreOp fence, Runnable finished) {
        this.store = store;
        this.turns = turns;
        this.topic = topic;
        this.fence = fence;
        this.finished = finished;
    }

    void start() {
        turns.onReply(store.children(Znodes.partitions(topic)), names -> {
            names.ifPresent(partitions::addAll);
            removePartitions(0);
        });
    }

    private void removePartitions(int from) {
        if (from >= partitions.size()) {
            removeTopic();
            return;
        }
        int to = Math.min(from + PARTITIONS_PER_MULTI, partitions.size());
        List<String> folders = partitions.subList(from, to).stream()
                .map(name -> Znodes.partitions(topic) + "/" + name)
                .toList();
        List<String> states = folders.stream().map(folder -> folder + "/state").toList();
        turns.onReply(store.getAll(states), found -> {
            List<StoreOp> ops = new ArrayList<>();
            ops.add(fence);
            for (int i = 0; i < folders.size(); i++) {
                if (found.get(i).isPresent()) ops.add(StoreOp.delete(states.get(i), StoreOp.ANY_VERSION));
                ops.add(StoreOp.delete(folders.get(i), StoreOp.ANY_VERSION));
            }
            write(ops, () -> removePartitions(to));
        });
    }

    private void removeTopic() {
        List<String> rest = List.of(
                Znodes.partitions(topic),
                Znodes.topic(topic),
                Znodes.config(ConfigResource.topic(topic)),
                Znodes.deleteTopic(topic));
        turns.onReply(store.getAll(rest), found -> {
            List<StoreOp> ops = new ArrayList<>();
            ops.add(fence);
            for (int i = 0; i < rest.size(); i++) {
                Optional<StoredNode> node = found.get(i);
                if (node.isPresent()) ops.add(StoreOp.delete(rest.get(i), StoreOp.ANY_VERSION));
            }
            write(ops, finished);
        });
    }

    private void write(List<StoreOp> ops, Runnable then) {
        turns.onReply(store.multi(ops), result -> {
            switch (result) {
                case WriteResult.Done _ -> then.run();
                case WriteResult.Refused(var _, var path, var reason) ->
                    LOG.error(
                            "Stopped removing the znodes of deleted topic {}: {} at {}; the next controller goes on",
                            topic,
                            reason,
                            path);
            }
        });
    }
}
