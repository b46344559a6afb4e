package dev.tidemark.compatibility.matrix;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tidemark.compatibility.driver.ClientDriver;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.ListConsumerGroupOffsetsOptions;
import org.apache.kafka.common.TopicPartition;

/// A transactional producer, and consumers that read what is committed.
final class TransactionChecks {
    private static final int PARTITIONS = 2;

    private TransactionChecks() {}

    static void all(ClientSession session) throws Exception {
        String topic = session.freshName("transactions");
        String group = session.freshName("group");
        String id = session.freshName("id");
        session.reference().createTopic(topic, PARTITIONS);
        ClientDriver client = session.driver();
        List<Rec> committed = new ArrayList<>();
        for (int round = 0; round < 3; round++) {
            begin(client, id, topic, Rec.many(20, PARTITIONS, "aborted-" + round));
            end(client, id, false, topic, group, 100 + round);
            List<Rec> kept = Rec.many(20, PARTITIONS, "kept-" + round);
            begin(client, id, topic, kept);
            end(client, id, true, topic, group, round);
            committed.addAll(kept);
        }

        begin(client, id, topic, Rec.many(10, PARTITIONS, "never"));
        try (ClientDriver successor = session.openAnother()) {
            List<Rec> kept = Rec.many(10, PARTITIONS, "kept by another");
            begin(successor, id, topic, kept);
            end(successor, id, true, topic, group, 7);
            committed.addAll(kept);
        }
        assertThatThrownBy(() -> end(client, id, true, topic, group, 99)).isInstanceOf(ClientDriver.ClientFailed.class);

        assertSame(session.reference().readCommitted(topic, committed.size()), committed);
        assertSame(readCommitted(session, topic, committed.size()), committed);
        assertThat(offset(session, group, topic)).isEqualTo(7);
    }

    private static void begin(ClientDriver client, String id, String topic, List<Rec> records) {
        client.call(
                "txn_begin",
                Map.of(
                        "id", id,
                        "topic", topic,
                        "records", records.stream().map(Rec::toArguments).toList()));
    }

    /// With an offset of the group for the topic's first partition.
    private static void end(ClientDriver client, String id, boolean commit, String topic, String group, int offset) {
        client.call("txn_end", Map.of("id", id, "commit", commit, "topic", topic, "group", group, "offset", offset));
    }

    private static List<Rec> readCommitted(ClientSession session, String topic, int count) {
        return Rec.ofAnswer(
                session.call("consume", Map.of("topic", topic, "partitions", List.of(0, 1), "count", count)));
    }

    private static long offset(ClientSession session, String group, String topic) throws Exception {
        return session.reference()
                .admin()
                .listConsumerGroupOffsets(group, new ListConsumerGroupOffsetsOptions().requireStable(true))
                .partitionsToOffsetAndMetadata()
                .get()
                .get(new TopicPartition(topic, 0))
                .offset();
    }

    private static void assertSame(List<Rec> found, List<Rec> expected) {
        assertThat(Rec.byPartition(found)).isEqualTo(Rec.byPartition(expected));
    }
}
