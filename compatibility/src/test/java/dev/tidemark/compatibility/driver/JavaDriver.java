package dev.tidemark.compatibility.driver;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.regex.Pattern;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.jspecify.annotations.Nullable;

/// The program that drives Apache Kafka's own Java clients, of whatever version stands on its class path: it only calls
/// what versions 2.1 and 4.4 both have, or asks first.
public final class JavaDriver {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Duration WAIT = Duration.ofSeconds(30);

    private final String bootstrap;
    private final String version;
    private final JavaAdmin admin;
    private final JavaTransactions transactions;
    private @Nullable KafkaConsumer<String, String> member;

    private JavaDriver(String bootstrap, String version) {
        this.bootstrap = bootstrap;
        this.version = version;
        this.admin = new JavaAdmin(bootstrap);
        this.transactions = new JavaTransactions(bootstrap);
    }

    public static void main(String[] args) throws IOException {
        JavaDriver driver = new JavaDriver(args[0], args[1]);
        try (BufferedReader requests = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
            for (String line = requests.readLine(); line != null; line = requests.readLine()) {
                System.out.println(JSON.writeValueAsString(driver.answer(JSON.readTree(line))));
            }
        }
        System.exit(0);
    }

    private Map<String, @Nullable Object> answer(JsonNode request) {
        Map<String, @Nullable Object> answer = new HashMap<>();
        try {
            answer.put("ok", perform(request.get("op").asText(), request));
        } catch (ExecutionException e) {
            answer.put("error", String.valueOf(e.getCause()));
        } catch (Exception e) {
            e.printStackTrace();
            answer.put("error", e.toString());
        }
        return answer;
    }

    private @Nullable Object perform(String operation, JsonNode r) throws Exception {
        return switch (operation) {
            case "version" -> version;
            case "produce" -> produce(r);
            case "consume" -> consume(r);
            case "offset_for_time" -> offsetForTime(r);
            case "watermarks" -> watermarks(r);
            case "txn_begin" -> transactions.begin(r);
            case "txn_end" -> transactions.end(r);
            case "group_consume" -> groupConsume(r);
            case "partitions" -> partitions(r);
            case "member_open" -> memberOpen(r);
            case "member_poll" -> memberPoll(r);
            case "member_close" -> memberClose();
            default -> admin.perform(operation, r);
        };
    }

    private @Nullable Object produce(JsonNode r) throws Exception {
        Map<String, Object> config = new HashMap<>();
        config.put("bootstrap.servers", bootstrap);
        config.put("compression.type", r.get("codec").asText());
        config.put("acks", r.get("acks").asText());
        config.put("enable.idempotence", r.get("idempotent").asBoolean());
        config.put("linger.ms", 20);
        config.put("max.request.size", 2_000_000);
        String topic = r.get("topic").asText();
        try (KafkaProducer<String, String> producer =
                new KafkaProducer<>(config, new StringSerializer(), new StringSerializer())) {
            List<Future<RecordMetadata>> sent = new ArrayList<>();
            for (JsonNode record : r.get("records")) sent.add(producer.send(toRecord(topic, record)));
            for (Future<RecordMetadata> one : sent) one.get();
        }
        return null;
    }

    static ProducerRecord<String, String> toRecord(String topic, JsonNode json) {
        List<Header> headers = new ArrayList<>();
        json.path("h")
                .properties()
                .forEach(header -> headers.add(new RecordHeader(
                        header.getKey(), header.getValue().asText().getBytes(StandardCharsets.UTF_8))));
        Long timestamp = json.has("t") ? json.get("t").asLong() : null;
        return new ProducerRecord<>(
                topic,
                json.get("p").asInt(),
                timestamp,
                json.get("k").textValue(),
                json.get("v").textValue(),
                headers);
    }

    private Object consume(JsonNode r) {
        String topic = r.get("topic").asText();
        try (KafkaConsumer<String, String> consumer = consumer(Map.of())) {
            List<TopicPartition> partitions = new ArrayList<>();
            r.get("partitions").forEach(p -> partitions.add(new TopicPartition(topic, p.asInt())));
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            return read(consumer, r.get("count").asInt());
        }
    }

    private Object offsetForTime(JsonNode r) {
        try (KafkaConsumer<String, String> consumer = consumer(Map.of())) {
            TopicPartition partition = partition(r);
            return consumer.offsetsForTimes(Map.of(partition, r.get("t").asLong()))
                    .get(partition)
                    .offset();
        }
    }

    private Object watermarks(JsonNode r) {
        try (KafkaConsumer<String, String> consumer = consumer(Map.of())) {
            Set<TopicPartition> partition = Set.of(partition(r));
            return Map.of(
                    "low", consumer.beginningOffsets(partition).get(partition(r)),
                    "high", consumer.endOffsets(partition).get(partition(r)));
        }
    }

    private Object groupConsume(JsonNode r) {
        String topic = r.get("topic").asText();
        try (KafkaConsumer<String, String> consumer =
                consumer(Map.of("group.id", r.get("group").asText()))) {
            consumer.subscribe(List.of(topic));
            List<Map<String, @Nullable Object>> records =
                    read(consumer, r.get("count").asInt());
            Map<TopicPartition, OffsetAndMetadata> positions = new HashMap<>();
            for (Map<String, @Nullable Object> record : records) {
                positions.put(
                        new TopicPartition(topic, (Integer) record.get("p")),
                        new OffsetAndMetadata((Long) record.get("o") + 1));
            }
            consumer.commitSync(positions);
            return records;
        }
    }

    private Object partitions(JsonNode r) {
        try (KafkaConsumer<String, String> consumer = consumer(Map.of())) {
            return consumer.partitionsFor(r.get("topic").asText()).size();
        }
    }

    private @Nullable Object memberOpen(JsonNode r) {
        Map<String, Object> config = new HashMap<>();
        config.put("group.id", r.get("group").asText());
        config.put("metadata.max.age.ms", 1000);
        switch (r.get("strategy").asText()) {
            case "eager" ->
                config.put("partition.assignment.strategy", "org.apache.kafka.clients.consumer.RangeAssignor");
            case "cooperative" ->
                config.put(
                        "partition.assignment.strategy", "org.apache.kafka.clients.consumer.CooperativeStickyAssignor");
            case "consumer" -> config.put("group.protocol", "consumer");
            default -> throw new IllegalArgumentException(r.toString());
        }
        if (!config.containsKey("group.protocol")) {
            config.put("session.timeout.ms", 45_000);
            config.put("heartbeat.interval.ms", 500);
        }
        if (r.has("instance")) config.put("group.instance.id", r.get("instance").asText());
        member = consumer(config);
        String topic = r.get("topic").asText();
        if (topic.startsWith("^")) member.subscribe(Pattern.compile(topic));
        else member.subscribe(List.of(topic));
        return null;
    }

    private Object memberPoll(JsonNode r) {
        KafkaConsumer<String, String> consumer = openMember();
        List<Map<String, @Nullable Object>> records = new ArrayList<>();
        consumer.poll(Duration.ofMillis(r.get("ms").asLong())).forEach(record -> records.add(toJson(record)));
        if (!records.isEmpty()) consumer.commitSync();
        List<String> assigned =
                consumer.assignment().stream().map(TopicPartition::toString).toList();
        return Map.of("assigned", assigned, "records", records);
    }

    private @Nullable Object memberClose() {
        openMember().close();
        member = null;
        return null;
    }

    private KafkaConsumer<String, String> openMember() {
        if (member == null) throw new IllegalStateException("no member is open");
        return member;
    }

    private KafkaConsumer<String, String> consumer(Map<String, Object> more) {
        Map<String, Object> config = new HashMap<>(more);
        config.put("bootstrap.servers", bootstrap);
        config.put("enable.auto.commit", false);
        config.put("auto.offset.reset", "earliest");
        config.put("isolation.level", "read_committed");
        Properties properties = new Properties();
        properties.putAll(config);
        return new KafkaConsumer<>(properties, new StringDeserializer(), new StringDeserializer());
    }

    private static List<Map<String, @Nullable Object>> read(KafkaConsumer<String, String> consumer, int count) {
        List<Map<String, @Nullable Object>> found = new ArrayList<>();
        long untilNs = System.nanoTime() + WAIT.toNanos();
        while (found.size() < count && System.nanoTime() < untilNs) {
            for (ConsumerRecord<String, String> record : consumer.poll(Duration.ofMillis(200))) {
                if (found.size() < count) found.add(toJson(record));
            }
        }
        return found;
    }

    private static Map<String, @Nullable Object> toJson(ConsumerRecord<String, String> record) {
        Map<String, String> headers = new LinkedHashMap<>();
        record.headers()
                .forEach(header -> headers.put(header.key(), new String(header.value(), StandardCharsets.UTF_8)));
        Map<String, @Nullable Object> json = new HashMap<>();
        json.put("p", record.partition());
        json.put("o", record.offset());
        json.put("k", record.key());
        json.put("v", record.value());
        json.put("h", headers);
        json.put("t", record.timestamp());
        return json;
    }

    static TopicPartition partition(JsonNode r) {
        return new TopicPartition(r.get("topic").asText(), r.get("p").asInt());
    }
}
