package dev.tidemark.metadata.control;

import dev.tidemark.metadata.image.BrokerRegistration;
import dev.tidemark.metadata.image.ClusterImage;
import dev.tidemark.metadata.image.PartitionRegistration;
import dev.tidemark.metadata.image.TopicImage;
import java.util.concurrent.CompletableFuture;

/// A stopping broker's wait until others lead what it led. Owner: the control plane's serial.
final class Handover {
    private final int brokerId;
    private final CompletableFuture<Void> done = new CompletableFuture<>();
    private boolean begun;

    Handover(int brokerId) {
        this.brokerId = brokerId;
    }

    /// Completed inside the control plane's serial.
    CompletableFuture<Void> done() {
        return done;
    }

    void begin() {
        begun = true;
    }

    boolean hasBegun() {
        return begun && !done.isDone();
    }

    /// There is nothing to wait for any more.
    void end() {
        done.complete(null);
    }

    void check(ClusterImage image) {
        if (!hasBegun()) return;
        boolean announced =
                image.broker(brokerId).map(BrokerRegistration::shuttingDown).orElse(false);
        if (announced && isThrough(image)) done.complete(null);
    }

    private boolean isThrough(ClusterImage image) {
        for (TopicImage topic : image.topics().byName().values()) {
            int index = 0;
            for (PartitionRegistration partition : topic.partitions()) {
                if (partition.leader() == brokerId && hasSuccessor(image, topic, index, partition)) return false;
                index++;
            }
        }
        return true;
    }

    private boolean hasSuccessor(ClusterImage image, TopicImage topic, int index, PartitionRegistration partition) {
        for (int member : partition.isr()) {
            boolean stays = image.broker(member)
                    .map(broker ->
                            !broker.shuttingDown() && broker.stoppedCleanly() && !broker.isOffline(topic.id(), index))
                    .orElse(false);
            if (stays) return true;
        }
        return false;
    }
}
