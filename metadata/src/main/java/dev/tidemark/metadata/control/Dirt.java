package dev.tidemark.metadata.control;

import dev.tidemark.base.TopicPartition;
import dev.tidemark.metadata.image.ClusterImage;
import dev.tidemark.metadata.image.ConfigResource;
import dev.tidemark.metadata.json.Znodes;
import dev.tidemark.metadata.store.StoreEvent;
import java.util.NavigableSet;
import java.util.TreeSet;

/// Which parts of the image are to be read again. Owner: the [ImageFollower].
final class Dirt {
    /// Topics of which everything is to be read; of others only what is new.
    final NavigableSet<String> wholeTopics = new TreeSet<>();

    final NavigableSet<String> topics = new TreeSet<>();
    final NavigableSet<TopicPartition> states = new TreeSet<>();
    final NavigableSet<Integer> brokers = new TreeSet<>();
    final NavigableSet<ConfigResource> configs = new TreeSet<>();
    final NavigableSet<String> deletions = new TreeSet<>();
    boolean controller;
    boolean features;
    boolean clusterId;

    boolean isEmpty() {
        return wholeTopics.isEmpty()
                && topics.isEmpty()
                && states.isEmpty()
                && brokers.isEmpty()
                && configs.isEmpty()
                && deletions.isEmpty()
                && !controller
                && !features
                && !clusterId;
    }

    void note(StoreEvent event) {
        String path = event.path();
        if (path.startsWith(Znodes.TOPICS + "/")) noteTopic(event);
        else if (path.startsWith(Znodes.BROKER_IDS + "/")) {
            Znodes.nodeNumber(path.substring(Znodes.BROKER_IDS.length() + 1)).ifPresent(brokers::add);
        } else if (path.startsWith(Znodes.CONFIG + "/"))
            Znodes.configResource(path).ifPresent(configs::add);
        else if (path.startsWith(Znodes.DELETE_TOPICS + "/")) {
            deletions.add(path.substring(Znodes.DELETE_TOPICS.length() + 1));
        } else if (path.equals(Znodes.CONTROLLER) || path.equals(Znodes.CONTROLLER_EPOCH)) controller = true;
        else if (path.equals(Znodes.FEATURE)) features = true;
    }

    private void noteTopic(StoreEvent event) {
        String topic = Znodes.topicOf(event.path()).orElse("");
        if (event.path().length() == Znodes.TOPICS.length() + 1 + topic.length()) {
            (event.type() == StoreEvent.Type.CHANGED ? topics : wholeTopics).add(topic);
        } else {
            Znodes.partitionOfState(event.path()).ifPresent(states::add);
        }
    }

    /// Whatever the image holds may be gone.
    void noteAllOf(ClusterImage image) {
        wholeTopics.addAll(image.topics().byName().keySet());
        brokers.addAll(image.brokers().keySet());
        configs.addAll(image.configs().byResource().keySet());
        deletions.addAll(image.topics().deleting());
        controller = true;
        features = true;
        clusterId = true;
    }
}
