package dev.tidemark.storage.directory;

import dev.tidemark.base.TopicPartition;
import java.util.Optional;
import java.util.regex.Pattern;

/// The names of the folders in a log directory.
final class FolderNames {
    static final String DELETE = "-delete";
    private static final String FUTURE = "-future";
    private static final String STRAY = "-stray";
    /// The metadata log of Kafka's own controllers.
    private static final String CLUSTER_METADATA = "__cluster_metadata-0";

    private static final Pattern TOPIC = Pattern.compile("[a-zA-Z0-9._-]{1,249}");
    private static final int NAME_LENGTH_MAX = 255;

    private FolderNames() {}

    static String of(TopicPartition partition) {
        return partition.toString();
    }

    /// `topic-partition.<32 hex digits>-delete`, with the topic cut where the name would be too long.
    static String deleted(TopicPartition partition, long high, long low) {
        String suffix = String.format("-%d.%016x%016x%s", partition.partition(), high, low, DELETE);
        int topicLength = Math.min(partition.topic().length(), NAME_LENGTH_MAX - suffix.length());
        return partition.topic().substring(0, topicLength) + suffix;
    }

    /// Whether the folder is one of Kafka's that has no meaning here.
    static boolean isForeign(String name) {
        return name.equals(CLUSTER_METADATA) || name.endsWith(FUTURE) || name.endsWith(STRAY);
    }

    /// Empty where `name` is not that of a partition that is in use.
    static Optional<TopicPartition> parse(String name) {
        int dash = name.lastIndexOf('-');
        if (dash <= 0 || dash == name.length() - 1 || name.length() - dash > 11) return Optional.empty();
        String topic = name.substring(0, dash);
        if (!TOPIC.matcher(topic).matches() || topic.equals(".") || topic.equals("..")) return Optional.empty();
        try {
            int partition = Integer.parseInt(name.substring(dash + 1));
            TopicPartition parsed = new TopicPartition(topic, partition);
            return parsed.toString().equals(name) ? Optional.of(parsed) : Optional.empty();
        } catch (NumberFormatException notOne) {
            return Optional.empty();
        }
    }
}
