package dev.tidemark.broker.group;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.base.Bytes;
import dev.tidemark.broker.TestPartitions;
import dev.tidemark.broker.partition.Partition;
import dev.tidemark.coordinator.runtime.CoordinatorLog;
import dev.tidemark.coordinator.runtime.EndMarker;
import dev.tidemark.coordinator.runtime.LogBatch;
import dev.tidemark.coordinator.runtime.LogRecord;
import dev.tidemark.protocol.ErrorCode;
import dev.tidemark.protocol.record.Compression;
import dev.tidemark.replication.leader.LeaderTerm;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class PartitionCoordinatorLogTest {
    private final TestPartitions broker = new TestPartitions();
    private final Partition partition = broker.led("__consumer_offsets", 0);
    private final List<String> told = new ArrayList<>();

    private CoordinatorLog log(int epoch) {
        return new PartitionCoordinatorLog(partition, epoch, Compression.NONE, Runnable::run, broker.loop);
    }

    private void append(CoordinatorLog log, String value) {
        LogRecord record = new LogRecord(Bytes.utf8("k"), Bytes.utf8(value));
        log.append(LogBatch.of(List.of(record)), new CoordinatorLog.AppendListener() {
            @Override
            public void onAppended() {
                told.add(value + " appended");
            }

            @Override
            public void onCommitted() {
                told.add(value + " committed");
            }

            @Override
            public void onFailed(ErrorCode error) {
                told.add(value + " " + error);
            }
        });
    }

    private void replay(CoordinatorLog log) {
        log.replay(new CoordinatorLog.ReplayListener() {
            @Override
            public boolean onBatch(LogBatch batch) {
                for (LogRecord record : batch.records())
                    told.add("read " + record.value().toUtf8());
                return true;
            }

            @Override
            public boolean onMarker(long producerId, boolean commit) {
                told.add((commit ? "commit of " : "abort of ") + producerId);
                return true;
            }

            @Override
            public void onEnd() {
                told.add("end");
            }

            @Override
            public void onCommitted() {
                told.add("committed");
            }

            @Override
            public void onFailed(ErrorCode error) {
                told.add("failed " + error);
            }
        });
    }

    @Test
    void whatIsAppendedIsReadBack() {
        append(log(5), "a");
        append(log(5), "b");
        replay(log(5));

        assertThat(told)
                .containsExactly(
                        "a appended",
                        "a committed",
                        "b appended",
                        "b committed",
                        "read a",
                        "read b",
                        "end",
                        "committed");
    }

    @Test
    void whatWasDecidedInAnotherEpochIsRefused() {
        CoordinatorLog replaced = log(5);
        var _ = partition.lead(new LeaderTerm(6, 1, List.of(1), List.of(1)));
        append(replaced, "a");
        append(log(6), "b");

        assertThat(told).containsExactly("a NOT_LEADER_OR_FOLLOWER", "b appended", "b committed");
        assertThat(partition.log().snapshot().logEndOffset()).isEqualTo(1);
    }

    @Test
    void whoIsFencedOrReplacedDoesNotLead() {
        CoordinatorLog first = log(5);
        assertThat(first.isLed()).isTrue();
        broker.isFenced = true;
        assertThat(first.isLed()).isFalse();
        broker.isFenced = false;
        var _ = partition.lead(new LeaderTerm(6, 1, List.of(1), List.of(1)));

        assertThat(first.isLed()).isFalse();
        assertThat(log(6).isLed()).isTrue();
    }

    @Test
    void aReplayThatTheLeadershipOutrunsFails() {
        append(log(5), "a");
        CoordinatorLog replaced = log(5);
        var _ = partition.lead(new LeaderTerm(6, 1, List.of(1), List.of(1)));
        replay(replaced);

        assertThat(told).endsWith("failed NOT_LEADER_OR_FOLLOWER");
    }

    private void appendInTransaction(CoordinatorLog log, int epoch, String value) {
        LogRecord record = new LogRecord(Bytes.utf8("k"), Bytes.utf8(value));
        log.append(new LogBatch(List.of(record), 7, (short) epoch), new Deaf());
    }

    private void end(CoordinatorLog log, int epoch, String name) {
        log.appendMarker(new EndMarker(7, (short) epoch, true, 3, (short) 2), new Deaf() {
            @Override
            public void onAppended() {
                told.add(name + " appended");
            }

            @Override
            public void onFailed(ErrorCode error) {
                told.add(name + " " + error);
            }
        });
    }

    private static class Deaf implements CoordinatorLog.AppendListener {
        @Override
        public void onAppended() {}

        @Override
        public void onCommitted() {}

        @Override
        public void onFailed(ErrorCode error) {}
    }

    @Test
    void theEndOfATransactionIsReadBackInItsPlace() {
        appendInTransaction(log(5), 0, "a");
        end(log(5), 1, "end");
        append(log(5), "b");
        told.clear();
        replay(log(5));

        assertThat(told).containsExactly("read a", "commit of 7", "read b", "end", "committed");
    }

    @Test
    void aMarkerThatComesLateEndsNothingOfTheNextTransaction() {
        appendInTransaction(log(5), 0, "a");
        end(log(5), 1, "first");
        appendInTransaction(log(5), 1, "b");
        end(log(5), 1, "again");

        assertThat(told).containsExactly("first appended", "again INVALID_PRODUCER_EPOCH");
        assertThat(partition.log().hasOpenTransaction(7)).isTrue();
    }
}
