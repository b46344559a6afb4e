package dev.tidemark.compatibility.matrix;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/// Topics, their configuration, and offsets.
final class AdminChecks {
    private AdminChecks() {}

    static void topics(ClientSession session) throws Exception {
        String topic = session.freshName("topic");

        session.call("create_topic", Map.of("topic", topic, "partitions", 3, "configs", Map.of()));
        eventually("the topic is listed", () -> lists(session, topic));
        assertThat(session.call("partitions", Map.of("topic", topic)).asInt()).isEqualTo(3);

        session.call("delete_topic", Map.of("topic", topic));
        eventually("the topic is gone", () -> !lists(session, topic));
    }

    private static boolean lists(ClientSession session, String topic) {
        for (JsonNode name : session.call("list_topics", Map.of())) {
            if (name.asText().equals(topic)) return true;
        }
        return false;
    }

    static void partitions(ClientSession session) throws Exception {
        String topic = session.freshName("growing");
        session.reference().createTopic(topic, 2);

        session.call("create_partitions", Map.of("topic", topic, "count", 5));

        eventually(
                "there are 5 partitions",
                () -> session.call("partitions", Map.of("topic", topic)).asInt() == 5);
    }

    static void configs(ClientSession session) throws Exception {
        String topic = session.freshName("config");
        Map<String, String> configs = Map.of("retention.ms", "86400000");
        session.call("create_topic", Map.of("topic", topic, "partitions", 1, "configs", configs));
        eventually("the topic is listed", () -> lists(session, topic));
        Map<String, String> retention = Map.of("topic", topic, "name", "retention.ms");
        eventually(
                "the topic has the configuration it was made with",
                () -> session.call("topic_config", retention).asText().equals("86400000"));

        session.call("set_topic_config", Map.of("topic", topic, "name", "retention.ms", "value", "3600000"));

        eventually(
                "the new value is told",
                () -> session.call("topic_config", retention).asText().equals("3600000"));
        Map<String, String> cleanup = Map.of("topic", topic, "name", "cleanup.policy");
        assertThat(session.call("topic_config", cleanup).asText()).isEqualTo("delete");
    }

    static void offsets(ClientSession session) throws Exception {
        String topic = session.freshName("offsets");
        session.reference().createTopic(topic, 2);
        session.reference().produce(topic, "none", Rec.many(20, 1, "offsets"));
        session.reference().deleteRecords(topic, 0, 5);

        assertWatermarks(session, topic, 0, 5, 20);
        assertWatermarks(session, topic, 1, 0, 0);
    }

    private static void assertWatermarks(ClientSession session, String topic, int partition, long low, long high) {
        JsonNode marks = session.call("watermarks", Map.of("topic", topic, "p", partition));
        assertThat(marks.get("low").asLong()).isEqualTo(low);
        assertThat(marks.get("high").asLong()).isEqualTo(high);
    }

    static void times(ClientSession session) throws Exception {
        String topic = session.freshName("times");
        session.reference().createTopic(topic, 1);
        long start = System.currentTimeMillis() - 100_000;
        List<Rec> records = new ArrayList<>();
        for (int i = 0; i < 20; i++) records.add(new Rec(0, "k", "v" + i, Map.of(), start + i * 1000L));
        session.reference().produce(topic, "none", records);

        assertThat(offsetFor(session, topic, start)).isZero();
        assertThat(offsetFor(session, topic, start + 6_500)).isEqualTo(7);
        assertThat(offsetFor(session, topic, start + 19_000)).isEqualTo(19);
    }

    private static long offsetFor(ClientSession session, String topic, long timestamp) {
        return session.call("offset_for_time", Map.of("topic", topic, "p", 0, "t", timestamp))
                .asLong();
    }

    static void deleteRecords(ClientSession session) throws Exception {
        String topic = session.freshName("shortened");
        session.reference().createTopic(topic, 1);
        session.reference().produce(topic, "none", Rec.many(20, 1, "shortened"));

        session.call("delete_records", Map.of("topic", topic, "p", 0, "offset", 12));

        assertWatermarks(session, topic, 0, 12, 20);
        assertThat(session.reference().read(topic, 8)).hasSize(8);
    }

    /// Metadata reaches a client some time after the change that it asked for.
    static void eventually(String what, BooleanSupplier condition) throws InterruptedException {
        long untilNs = System.nanoTime() + Duration.ofSeconds(60).toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > untilNs) throw new AssertionError("not within a minute: " + what);
            TimeUnit.MILLISECONDS.sleep(50);
        }
    }
}
