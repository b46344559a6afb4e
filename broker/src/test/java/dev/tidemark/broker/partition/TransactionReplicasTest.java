package dev.tidemark.broker.partition;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.base.Bytes;
import dev.tidemark.protocol.record.BatchHeader;
import dev.tidemark.protocol.record.Compression;
import dev.tidemark.protocol.record.RecordBatchBuilder;
import dev.tidemark.storage.log.AppendOrigin;
import dev.tidemark.storage.log.LogConfig;
import dev.tidemark.storage.log.LogSnapshot;
import dev.tidemark.storage.log.PartitionLog;
import dev.tidemark.storage.log.ProducerView;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Transactional and plain producers write to a leader that changes; followers copy, are cut, lose their power. In the
/// end every replica knows the same of every transaction and producer, and has all that was acknowledged.
class TransactionReplicasTest {
    private static final List<Integer> BROKERS = List.of(1, 2, 3);
    private static final int RUNS = 40;

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void allReplicasKnowTheSame(boolean withPowerCuts) throws IOException {
        for (int seed = 0; seed < RUNS; seed++) new Run(seed, withPowerCuts).run();
    }

    private static final class Run {
        private final Random random;
        private final boolean withPowerCuts;
        private final Replicas replicas;
        /// What the producers heard, by value.
        private final Map<String, Replicas.Ack> acks = new LinkedHashMap<>();

        Run(int seed, boolean withPowerCuts) {
            this.random = new Random(seed);
            this.withPowerCuts = withPowerCuts;
            // Only where acknowledged means on the disk may the power of all go off at once.
            this.replicas = new Replicas(
                    BROKERS.size(),
                    LogConfig.builder()
                            .segmentBytes(600 + random.nextInt(2000))
                            .indexIntervalBytes(random.nextInt(300))
                            .flushBeforeAck(withPowerCuts)
                            .build());
        }

        void run() throws IOException {
            replicas.elect(1, BROKERS, 1, 2, 3);
            for (int step = 0; step < 100; step++) {
                switch (random.nextInt(12)) {
                    case 0 -> elect();
                    case 1 -> powerCut();
                    case 2, 3, 4, 5 -> fetchOnce();
                    case 6, 7 -> endTransaction();
                    case 8 -> leaderLog().roll(replicas.loop.wallMs());
                    default -> write();
                }
            }
            replicas.settle();
            check();
        }

        private PartitionLog leaderLog() {
            return replicas.get(replicas.leader).log();
        }

        private void elect() {
            int next = replicas.isr.get(random.nextInt(replicas.isr.size()));
            replicas.elect(next, replicas.isr, 1, 2, 3);
        }

        private void powerCut() {
            if (!withPowerCuts) return;
            Set<Integer> hit = new TreeSet<>();
            for (int broker : BROKERS) if (random.nextBoolean()) hit.add(broker);
            for (int broker : hit) replicas.powerCut(broker, random);
            elect();
        }

        private void fetchOnce() {
            int broker = BROKERS.get(random.nextInt(BROKERS.size()));
            if (replicas.get(broker).fetchPosition().isPresent()) replicas.fetch(broker, 1 + random.nextInt(400));
        }

        private void write() {
            long who = random.nextInt(5) - 1L;
            RecordBatchBuilder batch = new RecordBatchBuilder(Compression.NONE);
            if (who >= 0) {
                ProducerView known = producer(who);
                batch.producer(who, known.producerEpoch(), known.lastSequence() + 1);
                if (who >= 2) batch.transactional();
            }
            String value = "value " + acks.size();
            append(value, batch.add(replicas.loop.wallMs(), null, Bytes.utf8(value)));
        }

        private void endTransaction() {
            long who = 2L + random.nextInt(2);
            int epoch = producer(who).producerEpoch() + random.nextInt(2);
            append(
                    "",
                    new RecordBatchBuilder(Compression.NONE)
                            .producer(who, epoch, BatchHeader.NO_SEQUENCE)
                            .addEndTransactionMarker(replicas.loop.wallMs(), random.nextBoolean(), 0));
        }

        private void append(String value, RecordBatchBuilder batch) {
            Replicas.Ack ack = new Replicas.Ack();
            AppendOrigin origin = value.isEmpty() ? AppendOrigin.COORDINATOR : AppendOrigin.CLIENT;
            long wallMs = replicas.loop.wallMs();
            replicas.get(replicas.leader).append(new Append(batch.build(), origin, wallMs, true, 30_000, ack, 0));
            assertThat(ack.heard.getFirst()).startsWith("appended");
            if (!value.isEmpty()) acks.put(value, ack);
        }

        private ProducerView producer(long id) {
            return producers(leaderLog()).stream()
                    .filter(view -> view.producerId() == id)
                    .findFirst()
                    .orElse(new ProducerView(id, (short) 0, -1, -1, -1, -1));
        }

        private List<ProducerView> producers(PartitionLog log) {
            List<ProducerView> views = new ArrayList<>(log.activeProducers(replicas.loop.wallMs()));
            views.sort(Comparator.comparingLong(ProducerView::producerId));
            return views;
        }

        private void check() throws IOException {
            List<String> values = replicas.values(replicas.leader);
            for (int broker : BROKERS) {
                PartitionLog log = replicas.get(broker).log();
                LogSnapshot now = log.snapshot();
                assertThat(replicas.values(broker)).isEqualTo(values);
                assertThat(log.highWatermark()).isEqualTo(now.logEndOffset());
                assertThat(log.lastStableOffset()).isEqualTo(leaderLog().lastStableOffset());
                assertThat(now.abortedTransactions(0, now.logEndOffset()))
                        .isEqualTo(leaderLog().snapshot().abortedTransactions(0, now.logEndOffset()));
                assertThat(producers(log)).isEqualTo(producers(leaderLog()));
            }
            acks.forEach((value, ack) -> {
                if (ack.heard.contains("committed")) assertThat(values).anyMatch(each -> each.endsWith(":" + value));
            });
            assertThat(producers(leaderLog()).stream()
                            .mapToLong(ProducerView::currentTxnFirstOffset)
                            .filter(first -> first >= 0)
                            .min()
                            .orElse(leaderLog().highWatermark()))
                    .isEqualTo(leaderLog().lastStableOffset());
        }
    }
}
