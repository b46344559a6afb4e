package dev.tidemark.metadata.json;

import dev.tidemark.base.Bytes;
import dev.tidemark.base.Uuid;
import dev.tidemark.metadata.image.PartitionRegistration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// `/brokers/topics/T`: the topic's id, and the replicas of all its partitions. Written as version 3, which has the id;
/// versions 1 and 2 are read too.
public final class TopicJson {
    private static final int PARTITIONS_MAX = 1_000_000;

    private TopicJson() {}

    /// @param id empty where an old tool wrote the topic
    /// @param partitions assigned and without leadership
    public record Assignment(Optional<Uuid> id, List<PartitionRegistration> partitions) {}

    public static Bytes write(Uuid id, List<PartitionRegistration> partitions) {
        JsonText json = new JsonText().open();
        json.open("removing_replicas");
        for (int i = 0; i < partitions.size(); i++)
            putUnlessEmpty(json, i, partitions.get(i).removingReplicas());
        json.close().open("partitions");
        for (int i = 0; i < partitions.size(); i++) {
            json.numbers(Integer.toString(i), partitions.get(i).replicas());
        }
        json.close().field("topic_id", id.toString()).open("adding_replicas");
        for (int i = 0; i < partitions.size(); i++)
            putUnlessEmpty(json, i, partitions.get(i).addingReplicas());
        return json.close().field("version", 3).close().toBytes();
    }

    private static void putUnlessEmpty(JsonText json, int partition, List<Integer> brokers) {
        if (!brokers.isEmpty()) json.numbers(Integer.toString(partition), brokers);
    }

    public static Parsed<Assignment> parse(Bytes data) {
        return Parsed.ofObject(data, json -> {
            json.version(3);
            JsonObject replicas = json.object("partitions");
            int count = replicas.names().size();
            if (count > PARTITIONS_MAX) throw new MalformedJsonException("more than " + PARTITIONS_MAX + " partitions");
            JsonObject adding = json.object("adding_replicas");
            JsonObject removing = json.object("removing_replicas");
            List<PartitionRegistration> partitions = new ArrayList<>(count);
            ReplicaLists lists = new ReplicaLists();
            for (int i = 0; i < count; i++) partitions.add(partition(i, replicas, adding, removing, lists));
            return new Assignment(json.optionalText("topic_id").map(TopicJson::topicId), List.copyOf(partitions));
        });
    }

    private static PartitionRegistration partition(
            int index, JsonObject replicas, JsonObject adding, JsonObject removing, ReplicaLists lists) {
        String name = Integer.toString(index);
        if (!replicas.has(name)) throw new MalformedJsonException("partition " + index + " is missing");
        List<Integer> all = lists.shared(replicas.brokerIds(name));
        if (all.isEmpty()) throw new MalformedJsonException("partition " + index + " has no replicas");
        PartitionRegistration assigned = PartitionRegistration.assigned(all);
        return new PartitionRegistration(
                all,
                adding.has(name) ? adding.brokerIds(name) : List.of(),
                removing.has(name) ? removing.brokerIds(name) : List.of(),
                assigned.isr(),
                assigned.leader(),
                assigned.leaderEpoch(),
                assigned.partitionEpoch());
    }

    private static Uuid topicId(String text) {
        try {
            Uuid id = Uuid.parse(text);
            if (id.isZero()) throw new MalformedJsonException("'topic_id' is the zero id");
            return id;
        } catch (IllegalArgumentException e) {
            throw new MalformedJsonException("'topic_id' is not an id");
        }
    }
}
