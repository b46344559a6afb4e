package dev.tidemark.compatibility.torture;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.bench.broker.RunningBroker;
import dev.tidemark.bench.broker.TempFolder;
import dev.tidemark.compatibility.SharedBroker;
import dev.tidemark.compatibility.disk.KafkaDump;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.OffsetOutOfRangeException;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// All that changes a log's files happens at the same time, under kill -9: small segments, retention by size and time,
/// DeleteRecords, compaction with tombstones, a topic that is deleted and made again. In the end every acknowledged
/// record that is not meant to be gone is where it was said to be, nothing else is there, and Kafka's own tool finds
/// all files sound. `-Dtorture.rounds=50 -Dtorture.seed=7` goes on for longer, and otherwise.
@Tag("cluster-long")
@Timeout(value = 30, unit = TimeUnit.MINUTES)
class LogTortureTest {
    private static final int ROUNDS = Integer.getInteger("torture.rounds", 10);
    private static final long SEED = Long.getLong("torture.seed", 1);
    private static final int CLEAN_STOP_EVERY = 3;
    private static final Map<String, String> SETTINGS = Map.of(
            "log.retention.check.interval.ms", "300",
            "log.cleaner.backoff.ms", "100",
            "log.cleaner.threads", "2",
            "log.segment.delete.delay.ms", "700",
            "log.initial.task.delay.ms", "100",
            "auto.create.topics.enable", "false");

    private static final Map<String, Object> ONE = Map.of("acks", "1", "enable.idempotence", false);
    private static final Map<String, Object> ALL = Map.of("acks", "all", "enable.idempotence", true);
    private static final Map<String, Object> ALL_ZSTD =
            Map.of("acks", "all", "enable.idempotence", true, "compression.type", "zstd");

    private static final int TINY = 16_384;
    private static final int SMALL = 65_536;
    private static final Map<String, String> COMPACT =
            Map.of("cleanup.policy", "compact", "min.cleanable.dirty.ratio", "0.01", "delete.retention.ms", "1000");
    private static final Map<String, String> COMPACT_AND_DELETE = Map.of(
            "cleanup.policy", "compact,delete",
            "min.cleanable.dirty.ratio", "0.01",
            "delete.retention.ms", "0",
            "segment.ms", "1500",
            "retention.ms", "600000");
    private static final Map<String, String> BY_SIZE = Map.of("retention.bytes", "300000");
    private static final Map<String, String> BY_SIZE_AND_TIME =
            Map.of("retention.bytes", "400000", "retention.ms", "8000");

    private final Random random = new Random(SEED);

    @Test
    void whatWasAcknowledgedStaysAndNothingElseIsThere() throws Exception {
        try (TempFolder folder = TempFolder.create(null, "tidemark-torture-");
                RunningBroker broker = RunningBroker.start(
                        SharedBroker.product(), folder.path().resolve("broker"), SETTINGS)) {
            broker.awaitFirstAnswer();
            try (Admin admin = Admin.create(Map.of("bootstrap.servers", broker.bootstrap()))) {
                torture(broker, admin);
            } finally {
                Files.copy(broker.node().output(), Path.of("target/torture.log"), StandardCopyOption.REPLACE_EXISTING);
            }
            assertThat(broker.stop()).as("the broker ends by itself").isTrue();
            dumpAll(broker.node().data());
        }
    }

    private void torture(RunningBroker broker, Admin admin) throws Exception {
        Set<Long> earlier = new HashSet<>();
        try (AckedWriter one = writer(broker, admin, "one", TINY, ONE, Map.of());
                AckedWriter all = writer(broker, admin, "all", SMALL, ALL, Map.of());
                AckedWriter sized = writer(broker, admin, "sized", SMALL, ALL_ZSTD, BY_SIZE);
                AckedWriter mixed = writer(broker, admin, "mixed", TINY, ALL, BY_SIZE_AND_TIME);
                AckedWriter latest = writer(broker, admin, "latest", TINY, ALL_ZSTD, COMPACT);
                AckedWriter both = writer(broker, admin, "both", 1 << 20, ALL, COMPACT_AND_DELETE);
                AckedWriter reborn = writer(broker, admin, "reborn", TINY, ONE, Map.of())) {
            for (int round = 1; round <= ROUNDS; round++) {
                disturb(admin, reborn, earlier);
                if (round % CLEAN_STOP_EVERY == 0) assertThat(broker.stop()).isTrue();
                else broker.kill9();
                broker.launch();
                broker.awaitFirstAnswer();
            }
            // Or it might be empty before it is read.
            set(admin, "mixed", "retention.ms", "-1");
            checkBounded(broker, mixed);
            checkBounded(broker, sized);
            assertThat(checkWhole(broker, all)).isEqualTo(all.highest() + 1);
            checkWhole(broker, one);
            checkCompacted(broker, latest);
            checkCompacted(broker, both);
            checkReborn(broker, reborn, earlier);
        }
    }

    private static AckedWriter writer(
            RunningBroker broker,
            Admin admin,
            String topic,
            int segmentBytes,
            Map<String, Object> producer,
            Map<String, String> configs)
            throws Exception {
        create(admin, topic, segmentBytes, configs);
        boolean withTombstones = configs.containsKey("cleanup.policy");
        return new AckedWriter(broker.bootstrap(), topic, withTombstones, producer);
    }

    private static void create(Admin admin, String topic, int segmentBytes, Map<String, String> configs)
            throws Exception {
        Map<String, String> all = new HashMap<>(configs);
        all.put("internal.segment.bytes", String.valueOf(segmentBytes));
        all.put("index.interval.bytes", "1024");
        admin.createTopics(List.of(new NewTopic(topic, 2, (short) 1).configs(all)))
                .all()
                .get(30, TimeUnit.SECONDS);
    }

    private static void set(Admin admin, String topic, String key, String value) throws Exception {
        ConfigResource resource = new ConfigResource(ConfigResource.Type.TOPIC, topic);
        AlterConfigOp set = new AlterConfigOp(new ConfigEntry(key, value), AlterConfigOp.OpType.SET);
        admin.incrementalAlterConfigs(Map.of(resource, List.of(set))).all().get(30, TimeUnit.SECONDS);
    }

    // ---- what happens meanwhile

    private void disturb(Admin admin, AckedWriter reborn, Set<Long> earlier) throws Exception {
        for (int i = 0; i < 4; i++) {
            TimeUnit.MILLISECONDS.sleep(300 + random.nextInt(500));
            deleteRecords(admin, new TopicPartition("mixed", i % 2));
            if (i != 2) continue;
            admin.deleteTopics(List.of("reborn")).all().get(30, TimeUnit.SECONDS);
            for (var numbers : reborn.forget().values()) earlier.addAll(numbers.values());
            create(admin, "reborn", TINY, Map.of());
        }
    }

    private void deleteRecords(Admin admin, TopicPartition partition) throws Exception {
        long end = admin.listOffsets(Map.of(partition, OffsetSpec.latest()))
                .partitionResult(partition)
                .get(20, TimeUnit.SECONDS)
                .offset();
        long before = Math.max(0, end - random.nextInt(300));
        try {
            admin.deleteRecords(Map.of(partition, RecordsToDelete.beforeOffset(before)))
                    .all()
                    .get(20, TimeUnit.SECONDS);
        } catch (ExecutionException refused) {
            assertThat(refused).hasCauseInstanceOf(OffsetOutOfRangeException.class);
        }
    }

    // ---- what is there in the end

    /// @return how many records there are
    private static long checkWhole(RunningBroker broker, AckedWriter writer) throws InterruptedException {
        TopicContent content = finished(broker, writer);
        assertThat(writer.failures()).isEmpty();
        assertThat(content.starts().values()).containsOnly(0L);
        content.holdsAllThat(writer);
        return content.size();
    }

    private static void checkBounded(RunningBroker broker, AckedWriter writer) throws InterruptedException {
        TopicContent content = finished(broker, writer);
        assertThat(writer.failures()).isEmpty();
        assertThat(content.starts().values()).allMatch(start -> start > 0);
        assertThat(content.size()).isPositive();
        content.holdsAllThat(writer);
        content.holdsNothingBut(writer);
    }

    private static void checkCompacted(RunningBroker broker, AckedWriter writer) throws InterruptedException {
        TopicContent content = finished(broker, writer);
        assertThat(writer.failures()).isEmpty();
        assertThat(content.starts().values()).containsOnly(0L);
        assertThat(content.size()).isLessThan((int) writer.highest() / 2);
        content.holdsNothingBut(writer);
        assertThat(content.latest()).isEqualTo(writer.latest());
    }

    /// Its writer may have failed while the topic was away.
    private static void checkReborn(RunningBroker broker, AckedWriter writer, Set<Long> earlier)
            throws InterruptedException {
        TopicContent content = finished(broker, writer);
        content.holdsAllThat(writer);
        assertThat(content.numbers()).isNotEmpty().doesNotContainAnyElementsOf(earlier);
    }

    private static TopicContent finished(RunningBroker broker, AckedWriter writer) throws InterruptedException {
        writer.finish();
        return TopicContent.read(broker.bootstrap(), writer.topic());
    }

    private static void dumpAll(Path data) throws Exception {
        List<Path> folders;
        try (Stream<Path> all = Files.list(data)) {
            folders = all.filter(Files::isDirectory)
                    .filter(path -> !path.toString().endsWith("-delete"))
                    .toList();
        }
        assertThat(folders).hasSizeGreaterThanOrEqualTo(14);
        for (Path folder : folders) KafkaDump.assertSound(folder);
    }
}
