package dev.tidemark.compatibility.driver;

import com.fasterxml.jackson.databind.JsonNode;
import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.kafka.clients.admin.AdminClient;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.AlterConfigsResult;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.common.config.ConfigResource;
import org.jspecify.annotations.Nullable;

/// The administrative operations of [JavaDriver].
final class JavaAdmin {
    private final AdminClient admin;

    JavaAdmin(String bootstrap) {
        Map<String, Object> config = new HashMap<>();
        config.put("bootstrap.servers", bootstrap);
        admin = AdminClient.create(config);
    }

    @Nullable
    Object perform(String operation, JsonNode r) throws Exception {
        return switch (operation) {
            case "create_topic" -> createTopic(r);
            case "list_topics" -> admin.listTopics().names().get();
            case "create_partitions" ->
                admin.createPartitions(Map.of(
                                topic(r),
                                NewPartitions.increaseTo(r.get("count").asInt())))
                        .all()
                        .get();
            case "delete_topic" -> admin.deleteTopics(List.of(topic(r))).all().get();
            case "topic_config" -> config(r).get(r.get("name").asText()).value();
            case "set_topic_config" -> setConfig(r);
            case "list_groups" -> listGroups();
            case "describe_group" -> describeGroup(group(r));
            case "delete_group" ->
                admin.deleteConsumerGroups(List.of(group(r))).all().get();
            case "committed" ->
                admin.listConsumerGroupOffsets(group(r))
                        .partitionsToOffsetAndMetadata()
                        .get()
                        .get(JavaDriver.partition(r))
                        .offset();
            case "delete_records" ->
                admin.deleteRecords(Map.of(
                                JavaDriver.partition(r),
                                RecordsToDelete.beforeOffset(r.get("offset").asLong())))
                        .all()
                        .get();
            default -> throw new IllegalArgumentException("no operation " + operation);
        };
    }

    private @Nullable Object createTopic(JsonNode r) throws Exception {
        Map<String, String> configs = new HashMap<>();
        r.get("configs")
                .properties()
                .forEach(entry -> configs.put(entry.getKey(), entry.getValue().asText()));
        NewTopic topic = new NewTopic(topic(r), r.get("partitions").asInt(), (short) 1).configs(configs);
        return admin.createTopics(List.of(topic)).all().get();
    }

    private Config config(JsonNode r) throws Exception {
        ConfigResource resource = new ConfigResource(ConfigResource.Type.TOPIC, topic(r));
        return admin.describeConfigs(List.of(resource)).all().get().get(resource);
    }

    private @Nullable Object setConfig(JsonNode r) throws Exception {
        ConfigResource resource = new ConfigResource(ConfigResource.Type.TOPIC, topic(r));
        ConfigEntry entry =
                new ConfigEntry(r.get("name").asText(), r.get("value").asText());
        Optional<Method> whole = Arrays.stream(AdminClient.class.getMethods())
                .filter(method -> method.getName().equals("alterConfigs") && method.getParameterCount() == 1)
                .findFirst();
        if (whole.isPresent()) { // Up to 3.x: sets the whole configuration; 2.1 has nothing else.
            Object result = whole.get().invoke(admin, Map.of(resource, new Config(Set.of(entry))));
            return ((AlterConfigsResult) result).all().get();
        }
        Collection<AlterConfigOp> change = List.of(new AlterConfigOp(entry, AlterConfigOp.OpType.SET));
        return admin.incrementalAlterConfigs(Map.of(resource, change)).all().get();
    }

    @SuppressWarnings("removal") // its successor is not in 2.1
    private Object listGroups() throws Exception {
        return admin.listConsumerGroups().all().get().stream()
                .map(listing -> listing.groupId())
                .toList();
    }

    private Object describeGroup(String group) throws Exception {
        var found = admin.describeConsumerGroups(List.of(group))
                .describedGroups()
                .get(group)
                .get();
        // `state()` gave way to `groupState()` in between; their names are the same but for the case.
        Method state = Arrays.stream(found.getClass().getMethods())
                .filter(method -> method.getName().equals("groupState")
                        || method.getName().equals("state"))
                .min((a, b) -> a.getName().compareTo(b.getName()))
                .orElseThrow();
        return Map.of(
                "state", String.valueOf(state.invoke(found)),
                "members", found.members().size());
    }

    private static String topic(JsonNode r) {
        return r.get("topic").asText();
    }

    private static String group(JsonNode r) {
        return r.get("group").asText();
    }
}
