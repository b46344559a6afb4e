package dev.tidemark.broker.partition;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.base.disk.DiskOperation;
import dev.tidemark.storage.log.LogConfig;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

/// `flush.before.ack`: acknowledged is only what is on the disk of every in-sync replica.
class FlushBeforeAckTest {
    private static final LogConfig CONFIG =
            LogConfig.DEFAULT.toBuilder().flushBeforeAck(true).build();

    @Test
    void aLoneReplicaAcknowledgesWhenItsDiskHasIt() {
        Replicas cluster = new Replicas(1, CONFIG);
        cluster.elect(1, List.of(1), 1);
        cluster.slowDisk = true;

        Replicas.Ack ack = cluster.append(1, "a");
        assertThat(ack.heard).containsExactly("appended at 0");
        assertThat(cluster.get(1).highWatermark()).isZero();
        cluster.finishForces();

        assertThat(ack.heard).containsExactly("appended at 0", "committed");
        assertThat(cluster.get(1).log().recoveryPoint()).isEqualTo(1);
    }

    @Test
    void theLeadersOwnDiskCountsToo() {
        Replicas cluster = new Replicas(2, CONFIG);
        cluster.elect(1, List.of(1, 2), 1, 2);
        cluster.slowDisk = true;
        Replicas.Ack ack = cluster.append(1, "a");
        cluster.slowDisk = false;
        cluster.fetch(2);
        cluster.fetch(2);
        assertThat(ack.heard).containsExactly("appended at 0");

        cluster.finishForces();

        assertThat(ack.heard).containsExactly("appended at 0", "committed");
    }

    @Test
    void aFollowerFetchesOnOnlyWhenItsDiskHasWhatItTook() {
        Replicas cluster = new Replicas(2, CONFIG);
        cluster.elect(1, List.of(1, 2), 1, 2);
        Replicas.Ack ack = cluster.append(1, "a");

        cluster.slowDisk = true;
        cluster.fetch(2);
        assertThat(cluster.get(2).fetchPosition().orElseThrow().fetchOffset()).isZero();
        assertThat(cluster.values(2)).containsExactly("1:a");
        cluster.finishForces();
        assertThat(cluster.get(2).fetchPosition().orElseThrow().fetchOffset()).isEqualTo(1);
        assertThat(ack.heard).containsExactly("appended at 0");
        cluster.fetch(2);

        assertThat(ack.heard).containsExactly("appended at 0", "committed");
    }

    @Test
    void whatAFailedForceLeftIsCommittedWhenTheDiskWorksAgain() {
        Replicas cluster = new Replicas(2, CONFIG);
        cluster.elect(1, List.of(1, 2), 1, 2);
        cluster.disks.get(1).hook((operation, path, bytes) -> {
            if (operation == DiskOperation.FORCE) throw new IOException("Input/output error");
        });
        Replicas.Ack ack = cluster.append(1, "a");
        assertThat(ack.heard).containsExactly("appended at 0", "KAFKA_STORAGE_ERROR");
        assertThat(cluster.get(1).highWatermark()).isZero();

        cluster.disks.get(1).hook((operation, path, bytes) -> {});
        cluster.loop.pass(10_000);
        cluster.settle();

        assertThat(cluster.values(2)).containsExactly("1:a");
        assertThat(cluster.get(1).highWatermark()).isEqualTo(1);
    }

    @Test
    void whatWasAcknowledgedOutlivesAPowerCutOfAll() {
        Replicas cluster = new Replicas(3, CONFIG);
        cluster.elect(1, List.of(1, 2, 3), 1, 2, 3);
        Replicas.Ack ack = cluster.append(1, "a", "b");
        cluster.settle();
        assertThat(ack.heard).contains("committed");

        for (int broker = 1; broker <= 3; broker++) {
            cluster.powerCut(broker);
        }

        for (int broker = 1; broker <= 3; broker++)
            assertThat(cluster.values(broker)).containsExactly("1:a", "1:b");
    }
}
