package dev.tidemark.compatibility.matrix;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tidemark.compatibility.driver.ClientDriver;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// Producing and fetching: each way with kafka-clients 4.4.0 at the other end.
final class RecordChecks {
    private static final int PARTITIONS = 3;

    private RecordChecks() {}

    static void bothWays(ClientSession session, String codec) throws Exception {
        String theirs = session.freshName("records-" + codec);
        session.reference().createTopic(theirs, PARTITIONS);
        List<Rec> records = Rec.many(300, PARTITIONS, codec);

        session.produce(theirs, codec, "all", false, records);
        assertSame(session.reference().read(theirs, records.size()), records);

        String ours = session.freshName("records-" + codec);
        session.reference().createTopic(ours, PARTITIONS);
        session.reference().produce(ours, codec, records);
        assertSame(session.consume(ours, PARTITIONS, records.size()), records);
    }

    static void headersAndNulls(ClientSession session) throws Exception {
        String topic = session.freshName("headers");
        session.reference().createTopic(topic, 1);
        List<Rec> records = List.of(
                new Rec(0, "a", "with two headers", Map.of("content", "text", "trace", "4711"), null),
                new Rec(0, null, "without a key", Map.of(), null),
                new Rec(0, "a", null, Map.of(), null));

        for (Rec record : records) session.produce(topic, "none", "all", false, List.of(record));

        assertSame(session.reference().read(topic, records.size()), records);
        assertSame(session.consume(topic, 1, records.size()), records);
    }

    static void timestamps(ClientSession session) throws Exception {
        String topic = session.freshName("timestamps");
        session.reference().createTopic(topic, 1);
        long start = System.currentTimeMillis() - 60_000;
        List<Rec> records = new ArrayList<>();
        for (int i = 0; i < 10; i++) records.add(new Rec(0, "k", "v" + i, Map.of(), start + i * 100L));

        session.produce(topic, "none", "all", false, records);

        assertThat(session.reference().read(topic, 10)).containsExactlyElementsOf(records);
        assertThat(session.consume(topic, 1, 10)).containsExactlyElementsOf(records);
    }

    static void acks(ClientSession session) throws Exception {
        String topic = session.freshName("acks");
        session.reference().createTopic(topic, 1);
        List<Rec> all = new ArrayList<>();
        for (String acks : List.of("0", "1", "all")) {
            List<Rec> records = Rec.many(50, 1, "acks-" + acks);
            session.produce(topic, "none", acks, false, records);
            all.addAll(records);
            // With acks=0 nothing says when they are there, and what follows must not overtake them.
            assertSame(session.reference().read(topic, all.size()), all);
        }
    }

    static void idempotent(ClientSession session) throws Exception {
        String topic = session.freshName("idempotent");
        session.reference().createTopic(topic, PARTITIONS);
        List<Rec> all = new ArrayList<>();
        for (int round = 0; round < 3; round++) {
            List<Rec> records = Rec.many(400, PARTITIONS, "round-" + round);
            session.produce(topic, "none", "all", true, records);
            all.addAll(records);
        }
        assertSame(session.reference().read(topic, all.size()), all);
    }

    static void large(ClientSession session) throws Exception {
        String topic = session.freshName("large");
        session.reference().createTopic(topic, 1);
        List<Rec> records = List.of(Rec.of(0, "large", "x".repeat(900_000)), Rec.of(0, "large", "y".repeat(900_000)));
        for (Rec record : records) session.produce(topic, "none", "all", false, List.of(record));

        assertThatThrownBy(() -> session.produce(
                        topic, "none", "all", false, List.of(Rec.of(0, "too large", "z".repeat(1_500_000)))))
                .isInstanceOf(ClientDriver.ClientFailed.class);

        assertSame(session.consume(topic, 1, 2), records);
        assertThat(session.reference().ends(topic)).containsExactly(2L);
    }

    static void autoCreation(ClientSession session) throws Exception {
        String topic = session.freshName("made-by-use");
        List<Rec> records = Rec.many(10, 1, "first");

        session.produce(topic, "none", "all", false, records);

        assertSame(session.reference().read(topic, records.size()), records);
    }

    private static void assertSame(List<Rec> found, List<Rec> expected) {
        assertThat(Rec.byPartition(found)).isEqualTo(Rec.byPartition(expected));
    }
}
