package dev.tidemark.broker.partition;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.broker.TestPartitions;
import dev.tidemark.protocol.ErrorCode;
import dev.tidemark.replication.leader.LeaderTerm;
import dev.tidemark.storage.log.AppendOrigin;
import dev.tidemark.storage.log.AppendResult;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/// A bug stopped the partition: everybody hears of it, and nobody waits on.
class StoppedPartitionTest {
    private final TestPartitions world = new TestPartitions();
    private final List<String> told = new ArrayList<>();
    private final AppendListener producer = new Recording();

    private final class Recording implements AppendListener {
        @Override
        public void onAppended(int index, AppendResult result, boolean committed) {
            told.add(index + " " + ((AppendResult.Rejected) result).error());
        }

        @Override
        public void onCommitted(int index) {
            told.add(index + " committed");
        }

        @Override
        public void onCommitFailed(int index, ErrorCode error) {
            told.add(index + " failed with " + error);
        }
    }

    private static void stop(Partition partition, Runnable before) {
        partition.inTurn(() -> {
            before.run();
            throw new IllegalStateException("a bug, on purpose");
        });
    }

    @Test
    void whoWaitsIsSentHome() {
        Partition partition = world.led("t", 0);
        partition.waitForMore(_ -> told.add("reader"), ReadLimit.HIGH_WATERMARK, 0);

        stop(partition, () -> {
            append(partition, 1);
            partition.waitForMore(_ -> told.add("late reader"), ReadLimit.HIGH_WATERMARK, 0);
        });

        assertThat(told).containsExactly("reader", "1 KAFKA_STORAGE_ERROR", "late reader");
    }

    @Test
    void whoComesLaterIsRefused() {
        Partition partition = world.led("t", 0);
        stop(partition, () -> {});

        var _ = partition.lead(new LeaderTerm(6, 1, List.of(1), List.of(1)));
        append(partition, 2);
        partition.waitForMore(_ -> told.add("reader"), ReadLimit.HIGH_WATERMARK, 0);
        partition.stopWaiting(_ -> {});
        partition.inTurn(() -> told.add("ran"), () -> told.add("refused"));

        assertThat(partition.checkLeader(-1)).isEqualTo(ErrorCode.KAFKA_STORAGE_ERROR);
        assertThat(partition.isLeader()).isFalse();
        assertThat(told).containsExactly("2 KAFKA_STORAGE_ERROR", "reader", "refused");
    }

    @Test
    void itsLogCanStillBeTakenAway() {
        Partition partition = world.led("t", 0);
        stop(partition, () -> {});

        partition.close(log -> told.add("closed " + log.topicPartition().partition()));

        assertThat(told).containsExactly("closed 0");
    }

    private void append(Partition partition, int index) {
        ByteBuffer batch = world.batch("a").buffer();
        long wallMs = world.loop.wallMs();
        partition.append(new Append(batch, AppendOrigin.CLIENT, wallMs, true, Append.NO_TIMEOUT, producer, index));
    }
}
