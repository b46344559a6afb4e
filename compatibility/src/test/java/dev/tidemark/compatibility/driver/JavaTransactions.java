package dev.tidemark.compatibility.driver;

import com.fasterxml.jackson.databind.JsonNode;
import java.lang.reflect.InvocationTargetException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.Future;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.jspecify.annotations.Nullable;

/// Transactional producers of the Java client, by their transactional ids.
final class JavaTransactions {
    private final String bootstrap;
    private final Map<String, KafkaProducer<String, String>> producers = new HashMap<>();

    JavaTransactions(String bootstrap) {
        this.bootstrap = bootstrap;
    }

    @Nullable
    Object begin(JsonNode r) throws Exception {
        KafkaProducer<String, String> producer =
                producers.computeIfAbsent(r.get("id").asText(), this::initialized);
        producer.beginTransaction();
        List<Future<RecordMetadata>> sent = new ArrayList<>();
        for (JsonNode record : r.get("records"))
            sent.add(producer.send(JavaDriver.toRecord(r.get("topic").asText(), record)));
        producer.flush();
        for (Future<RecordMetadata> one : sent) one.get();
        return null;
    }

    private KafkaProducer<String, String> initialized(String id) {
        Properties config = new Properties();
        config.put("bootstrap.servers", bootstrap);
        config.put("transactional.id", id);
        KafkaProducer<String, String> producer =
                new KafkaProducer<>(config, new StringSerializer(), new StringSerializer());
        producer.initTransactions();
        return producer;
    }

    @Nullable
    Object end(JsonNode r) throws Exception {
        KafkaProducer<String, String> producer = producers.get(r.get("id").asText());
        if (producer == null) throw new IllegalStateException("no transaction is open");
        TopicPartition partition = new TopicPartition(r.get("topic").asText(), 0);
        Map<TopicPartition, OffsetAndMetadata> offsets =
                Map.of(partition, new OffsetAndMetadata(r.get("offset").asLong()));
        sendOffsets(producer, offsets, r.get("group").asText());
        if (r.get("commit").asBoolean()) producer.commitTransaction();
        else producer.abortTransaction();
        return null;
    }

    /// Until 3.9 by the group's name, from 4.0 on only by what a consumer knows of its group.
    private void sendOffsets(
            KafkaProducer<String, String> producer, Map<TopicPartition, OffsetAndMetadata> offsets, String group)
            throws Exception {
        try {
            KafkaProducer.class
                    .getMethod("sendOffsetsToTransaction", Map.class, String.class)
                    .invoke(producer, offsets, group);
        } catch (InvocationTargetException refused) {
            if (refused.getCause() instanceof RuntimeException why) throw why;
            throw refused;
        } catch (NoSuchMethodException since4) {
            Properties config = new Properties();
            config.put("bootstrap.servers", bootstrap);
            config.put("group.id", group);
            try (KafkaConsumer<String, String> consumer =
                    new KafkaConsumer<>(config, new StringDeserializer(), new StringDeserializer())) {
                producer.sendOffsetsToTransaction(offsets, consumer.groupMetadata());
            }
        }
    }
}
