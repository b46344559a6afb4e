package dev.tidemark.coordinator.group;

import dev.tidemark.base.Uuid;
import java.util.Collection;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// Topics that tests make and take away; each change makes a new version.
final class TestTopics {
    private record View(long version, Map<String, MetadataView.Topic> byName, Map<Uuid, MetadataView.Topic> byId)
            implements MetadataView {
        @Override
        public @Nullable Topic topic(String name) {
            return byName.get(name);
        }

        @Override
        public @Nullable Topic topic(Uuid id) {
            return byId.get(id);
        }

        @Override
        public Collection<String> topicNames() {
            return byName.keySet();
        }
    }

    private View view = new View(0, new TreeMap<>(), new TreeMap<>());
    private long ids = 100;

    MetadataView view() {
        return view;
    }

    void create(String name, int partitions) {
        put(new MetadataView.Topic(new Uuid(0, ids++), name, partitions));
    }

    void grow(String name, int partitions) {
        MetadataView.Topic old = view.byName.get(name);
        put(new MetadataView.Topic(old.id(), name, partitions));
    }

    private void put(MetadataView.Topic topic) {
        View next = copy();
        next.byName.put(topic.name(), topic);
        next.byId.put(topic.id(), topic);
        view = next;
    }

    void delete(String name) {
        View next = copy();
        MetadataView.Topic old = next.byName.remove(name);
        if (old != null) next.byId.remove(old.id());
        view = next;
    }

    private View copy() {
        return new View(view.version + 1, new TreeMap<>(view.byName), new TreeMap<>(view.byId));
    }
}
