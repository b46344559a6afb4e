package dev.tidemark.metadata.json;

import dev.tidemark.base.TopicPartition;
import dev.tidemark.metadata.image.ConfigResource;
import java.util.List;
import java.util.Optional;

/// Apache Kafka 3.x's znode paths, within the cluster's chroot.
public final class Znodes {
    public static final String BROKER_IDS = "/brokers/ids";
    public static final String BROKER_SEQUENCE = "/brokers/seqid";
    public static final String TOPICS = "/brokers/topics";
    public static final String CONTROLLER = "/controller";
    public static final String CONTROLLER_EPOCH = "/controller_epoch";
    public static final String CLUSTER_ID = "/cluster/id";
    public static final String CONFIG = "/config";
    public static final String DELETE_TOPICS = "/admin/delete_topics";
    public static final String FEATURE = "/feature";
    public static final String PRODUCER_ID_BLOCK = "/latest_producer_id_block";

    private static final String DEFAULT_ENTITY = "<default>";

    /// What a broker makes at its start where it is missing, parents before children.
    public static final List<String> ROOTS = List.of(
            "/admin",
            DELETE_TOPICS,
            "/brokers",
            BROKER_IDS,
            BROKER_SEQUENCE,
            TOPICS,
            "/cluster",
            CONFIG,
            "/config/brokers",
            "/config/changes",
            "/config/client-metrics",
            "/config/clients",
            "/config/groups",
            "/config/ips",
            "/config/topics",
            "/config/users",
            "/consumers",
            "/isr_change_notification",
            "/kafka-acl",
            "/kafka-acl-changes",
            "/kafka-acl-extended",
            "/kafka-acl-extended/prefixed",
            "/kafka-acl-extended-changes",
            PRODUCER_ID_BLOCK,
            "/log_dir_event_notification");

    private Znodes() {}

    public static String broker(int id) {
        return BROKER_IDS + "/" + id;
    }

    public static String topic(String topic) {
        return TOPICS + "/" + topic;
    }

    public static String partitions(String topic) {
        return topic(topic) + "/partitions";
    }

    public static String partition(String topic, int partition) {
        return partitions(topic) + "/" + partition;
    }

    public static String partitionState(String topic, int partition) {
        return partition(topic, partition) + "/state";
    }

    public static String deleteTopic(String topic) {
        return DELETE_TOPICS + "/" + topic;
    }

    public static String configRoot(ConfigResource.Type type) {
        return switch (type) {
            case TOPIC -> "/config/topics";
            case BROKER -> "/config/brokers";
            case CLIENT_METRICS -> "/config/client-metrics";
            case GROUP -> "/config/groups";
        };
    }

    public static String config(ConfigResource resource) {
        String name =
                resource.equals(ConfigResource.DEFAULT_BROKER) ? DEFAULT_ENTITY : EntityNames.sanitize(resource.name());
        return configRoot(resource.type()) + "/" + name;
    }

    /// The resource whose configs are at `path`; empty where it is not the path of one.
    public static Optional<ConfigResource> configResource(String path) {
        for (ConfigResource.Type type : ConfigResource.Type.values()) {
            String root = configRoot(type) + "/";
            if (path.startsWith(root) && path.indexOf('/', root.length()) < 0) {
                return configResource(type, path.substring(root.length()));
            }
        }
        return Optional.empty();
    }

    public static Optional<ConfigResource> configResource(ConfigResource.Type type, String nodeName) {
        if (type == ConfigResource.Type.BROKER && nodeName.equals(DEFAULT_ENTITY)) {
            return Optional.of(ConfigResource.DEFAULT_BROKER);
        }
        return EntityNames.desanitize(nodeName).map(name -> new ConfigResource(type, name));
    }

    /// The topic that `path` is, or is under; empty for other paths.
    public static Optional<String> topicOf(String path) {
        String prefix = TOPICS + "/";
        if (!path.startsWith(prefix)) return Optional.empty();
        int end = path.indexOf('/', prefix.length());
        return Optional.of(end < 0 ? path.substring(prefix.length()) : path.substring(prefix.length(), end));
    }

    /// The partition whose state is at `path`; empty where it is not the path of one.
    public static Optional<TopicPartition> partitionOfState(String path) {
        String[] parts = path.split("/", -1);
        boolean shaped = parts.length == 7
                && path.startsWith(TOPICS + "/")
                && parts[4].equals("partitions")
                && parts[6].equals("state");
        if (!shaped) return Optional.empty();
        return nodeNumber(parts[5]).map(partition -> new TopicPartition(parts[3], partition));
    }

    /// A broker id or partition number as a node's name: digits only.
    public static Optional<Integer> nodeNumber(String name) {
        if (name.isEmpty() || name.length() > 10) return Optional.empty();
        long value = 0;
        for (int i = 0; i < name.length(); i++) {
            char c = name.charAt(i);
            if (c < '0' || c > '9') return Optional.empty();
            value = value * 10 + (c - '0');
        }
        boolean canonical = name.length() == 1 || name.charAt(0) != '0';
        return canonical && value <= Integer.MAX_VALUE ? Optional.of((int) value) : Optional.empty();
    }
}
